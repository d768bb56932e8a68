"""Owns texts that satisfy a field's rules: its example, common forms, or one made from its pattern."""

from __future__ import annotations

from collections.abc import Iterator

from forms.fields import TextField
from forms.numbers import bound
from forms.scope import Scope
from forms.texts import STANDARD
from tickets.trial.patterns import matching

COMMON: tuple[str, ...] = ("sample", "Sample", "SAMPLE", "1", "42", "12345", "123456", "AB-123", "2026-12-01", "10:00")
COMMON += ("lan.zhou@example.com", "13800138000", "138 0013 8000", "https://example.com", "A1", "a", "Lan Zhou", "周岚")
LONGEST = 2_000


def text_for(field: TextField, scope: Scope, turn: int) -> str:
    """A text that the field takes; if none was found, what a person would type without looking at the rules."""
    low, high = bound(field.min_length, scope), bound(field.max_length, scope)
    least, most = int(low or 0), int(high) if high is not None else LONGEST
    for text in _candidates(field):
        fitted = _fitted(text, least, most)
        if _matches(field, fitted):
            return fitted
    return _fitted(f"sample {turn + 1}", least, most)


def _candidates(field: TextField) -> Iterator[str]:
    if example := field.properties.get("example"):
        yield example
    if isinstance(field.default, str) and field.default:
        yield field.default
    if field.standard:
        yield {"email": "lan.zhou@example.com", "phone": "138 0013 8000"}[field.standard]
    yield from COMMON
    if field.pattern is not None:
        yield from matching(field.pattern.source)


def _fitted(text: str, least: int, most: int) -> str:
    """As long as it must be, and no longer than it may."""
    if len(text) < least <= LONGEST:
        text = (text * (least // max(len(text), 1) + 1))[:least]
    return text[:most]


def _matches(field: TextField, text: str) -> bool:
    if field.pattern is not None and not field.pattern.matches(text):
        return False
    return not field.standard or STANDARD[field.standard][0].matches(text)
