"""Playbox: code generation that gets better by running its own code."""
