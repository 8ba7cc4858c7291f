"""`playbox report`: one self-contained page about what was learned and what it is worth."""
