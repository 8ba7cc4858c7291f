"""`playbox runs`: looking at durable runs, and deciding what became of a step."""
