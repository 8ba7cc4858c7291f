"""`playbox bench compare`: arms on the same tasks."""
