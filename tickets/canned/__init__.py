"""Owns canned replies: texts kept for letters that are written often."""
