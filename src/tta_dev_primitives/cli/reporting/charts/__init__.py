"""Charts as SVG, one a file: pure functions from figures to elements, which fill any width."""
