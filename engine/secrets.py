"""Owns hiding, within a text, what lets somebody in or quotes what people wrote: for the log and for errors kept."""

from __future__ import annotations

import re

MASK = "•••"
WITHIN = (
    (re.compile(r"(?<=://)[^\s/@]+@"), f"{MASK}@"),  # who logs in to a database or mail server
    (re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]+"), rf"\1 {MASK}"),
    (re.compile(r"\bgdt_[\w-]+"), MASK),
    (re.compile(r"(?i)([?&][\w-]*(?:key|token|secret|sign|passw|code)[\w-]*=)[^\s&#'\"<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(://[^\s?#'\"<>]*?/(?:hooks?|webhooks?|services)/)[^\s?#'\"<>]+"), rf"\1{MASK}"),  # a robot's
    (re.compile(r"(?<=DETAIL:).*"), f" {MASK}"),  # in which PostgreSQL quotes the row
)
"""Secrets within a text, and what stands for them."""


def without_secrets(text: str) -> str:
    """The text as anybody may read it who looks after the installation."""
    for pattern, stands in WITHIN:
        text = pattern.sub(stands, text)
    return text
