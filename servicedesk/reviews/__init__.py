"""Who may see and do what, why, and who looked that over."""
