"""Evidence: what proves that a step was done (凭证), and that no step is done without it."""
