"""Language models: one seam, with live, replayed and scripted implementations."""
