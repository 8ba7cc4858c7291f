"""Programs that run in boxes: the scripted service in one, the channel to it around a program in another.

They are sent as text and need nothing but the standard library.
"""
