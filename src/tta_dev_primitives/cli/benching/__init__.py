"""What the embedded sandbox costs on this machine, beside a bare start of the same interpreter."""
