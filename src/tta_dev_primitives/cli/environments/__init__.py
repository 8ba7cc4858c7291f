"""Invented libraries with undocumented quirks: made, written to a folder, and checked."""
