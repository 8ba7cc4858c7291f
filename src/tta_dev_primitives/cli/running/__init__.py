"""`playbox sandbox run`: one program of the user, in a sandbox."""
