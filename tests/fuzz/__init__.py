"""Coverage-guided fuzzing: `make fuzz` looks for inputs that break a promise, `test_found` keeps those it found."""
