"""`playbox train`, `playbox eval` and `playbox tasks`: runs over task sets."""
