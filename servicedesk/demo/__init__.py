"""A living demo: six invented municipalities, and ninety days in which things happened to them."""
