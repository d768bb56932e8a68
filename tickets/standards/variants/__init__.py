"""Owns variants: brands' own versions of a group's standard, which may add to it and never lead past it."""
