"""The 105 abuse cases: which test holds each, or why it waits. `cases.py` is the list."""
