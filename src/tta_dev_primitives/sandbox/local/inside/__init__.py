"""What runs inside the jail's interpreter: the standard library and each other, nothing else.

The host reads these files as text and sends them to `loader.py`, because the jail cannot see where they lie.
"""
