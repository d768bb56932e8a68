"""The matrix: which place, subject or occurrence did which step of a standard, in a period, as of any moment."""
