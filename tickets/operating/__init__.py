"""Operating an installation: which processes live, what is stuck or late, and having it done again or not at all."""
