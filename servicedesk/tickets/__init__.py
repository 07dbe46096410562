"""Tickets: what is asked, who works on it, and everything that happened to it."""
