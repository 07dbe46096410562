"""The API: the product's JSON door, for programs that act for somebody. docs/api.md tells its use."""
