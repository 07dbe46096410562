"""Thousands of odd requests at every door, by everybody: `python -m tests.fuzz --requests 10000`, or for each kind of person `--each 10000`."""
