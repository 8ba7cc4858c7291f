"""Learners that know more of a task than that it is code: what counts as success in a domain."""
