"""Owns the function names an expression in a process may call; what they do is handed in by those who know people."""

from __future__ import annotations

PEOPLE = frozenset(
    {
        "person",
        "role",
        "responsible",
        "superior_of",
        "departed",
        "responsible_departed",
        "round_robin",
        "least_loaded",
        "skilled",
    }
)
DATES = frozenset({"now", "today", "days_before", "days_after"})
FUNCTIONS = PEOPLE | DATES
