"""Decision tables (DMN 1.3): read from a file, checked at upload, evaluated on the expression tree."""

import engine.definitions  # noqa: F401 - each package reads the other's files: loaded first, either may be imported
