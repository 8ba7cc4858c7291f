"""Programs that run inside the sandbox around a candidate; read as text, never imported by the host."""
