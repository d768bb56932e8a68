"""Owns a ticket's life between filing and its end: pauses, resolution, closing, reopening, ownership, its own facts."""
