"""`playbox run`: one task."""
