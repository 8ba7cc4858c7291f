"""What tasks are made of: where items come from, what is asked about them, and questions about movements."""
