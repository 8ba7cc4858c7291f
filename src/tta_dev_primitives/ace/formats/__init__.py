"""The text formats of a playbook, one file each."""
