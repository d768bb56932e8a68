"""Search: cutting texts into tokens, keeping the index, and finding tickets by words."""

from __future__ import annotations

from tickets.search.finding import MOST_HITS, Narrow, hits

__all__ = ["MOST_HITS", "Narrow", "hits"]
