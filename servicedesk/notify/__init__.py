"""What waits to be sent to people, and the sending of it."""
