"""Agentic context engineering (arXiv 2510.04618): a playbook of strategies learned from running code."""
