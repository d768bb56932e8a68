"""Owns what the demo's crowd writes: tables of sentences, and nothing that happens with them."""
