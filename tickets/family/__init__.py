"""Owns what ties tickets together: links, parents and children, merging, tags."""
