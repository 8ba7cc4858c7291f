"""Agentic context engineering: generate, run, judge, reflect, curate, and keep what was learned."""
