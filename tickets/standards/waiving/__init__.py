"""Waivers: steps that need not be done, asked for and approved, for a time."""
