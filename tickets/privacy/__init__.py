"""Privacy: what forms mark as sensitive is masked, looks are audited, and people are erased on demand."""
