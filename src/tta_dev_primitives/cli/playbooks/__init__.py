"""`playbox playbook`: look at a playbook, and carry it in and out."""
