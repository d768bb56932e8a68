"""Shows how much an installation on PostgreSQL does over HTTP, and what that costs: `python -m bench.load`."""
