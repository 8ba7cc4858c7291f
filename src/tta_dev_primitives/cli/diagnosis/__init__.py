"""`playbox doctor`: what this machine offers."""
