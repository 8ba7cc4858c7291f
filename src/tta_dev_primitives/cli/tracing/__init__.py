"""`playbox trace`, and the traces that other commands keep for it."""
