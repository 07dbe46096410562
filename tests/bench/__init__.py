"""How fast and how big the product is: `make bench` (python -m tests.bench)."""
