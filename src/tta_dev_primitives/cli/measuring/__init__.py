"""What `playbox metrics` does."""
