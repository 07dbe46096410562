"""Keeping the register right: rounds of confirmation, duplicates, and what inventories saw."""
