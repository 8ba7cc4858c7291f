"""Source of the guest library: copied into the sandbox as a file, read and never run by the host."""
