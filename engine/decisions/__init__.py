"""Decision tables (DMN 1.3): read from a file, checked at upload, evaluated on the expression tree."""
