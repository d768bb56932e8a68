"""Shows that what one does costs the same however much is open: `python -m bench.growth`."""
