"""Asking for the pages of a seeded installation as its people do."""
