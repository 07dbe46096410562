"""Who signs in, how that is proved, and for how long it holds."""
