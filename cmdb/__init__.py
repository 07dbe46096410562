"""Who and what exists: municipalities, people and configuration items, and the database under it."""
