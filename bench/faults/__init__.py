"""Shows that nothing acknowledged is lost and nothing happens twice, whatever is killed: `python -m bench.faults`."""
