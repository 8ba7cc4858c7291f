"""Retry, timeout and hedging that tune themselves on what was seen, and a bandit where nothing can be replayed."""
