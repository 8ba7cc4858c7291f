"""Steps around steps: branching, recovery, limits, durable runs. One primitive a file."""
