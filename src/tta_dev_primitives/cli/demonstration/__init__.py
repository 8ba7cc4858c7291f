"""`playbox demo`: the passes of the demonstration, told on a terminal."""
