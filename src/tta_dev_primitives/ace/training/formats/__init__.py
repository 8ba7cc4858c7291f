"""The layouts in which task sets come: one a file, and `read_tasks` in front of them."""
