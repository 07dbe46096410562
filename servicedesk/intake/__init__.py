"""Tickets that come from elsewhere: the history of another system."""
