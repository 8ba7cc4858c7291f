"""Training and evaluating on files of tasks: task sets, runs that survive a kill, and what they show."""
