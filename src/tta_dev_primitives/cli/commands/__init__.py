"""The commands and their options; each loads what it does when it is called, so that --help is quick."""
