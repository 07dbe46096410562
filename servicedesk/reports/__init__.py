"""What was promised and what was kept, counted over a period."""
