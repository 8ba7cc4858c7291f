"""Arms: several ways to learn from the same tasks, tested on the same held-out tasks, paired."""
