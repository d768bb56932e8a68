"""Owns what stands for secrets while a call is worked out and kept, and hides them in whatever comes back."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from engine.secrets import MASK

Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class StandIns:
    """Texts that nobody can guess, one for each secret of a call: `mark` is this call's own, made at random."""

    mark: str
    names: frozenset[str]

    def texts(self) -> dict[str, str]:
        """By the secret's name: what its expressions see."""
        return {name: f"{self.mark}.{name}." for name in self.names}

    def put(self, text: str, secrets: Mapping[str, str], quoted: Change = str) -> str:
        """The text with the secrets in their places."""
        return self._pattern().sub(lambda hit: quoted(secrets[hit[1]]), text)

    def left_in(self, text: str) -> bool:
        """Whether a stand-in was taken apart, so that its secret can't be put there."""
        return self.mark.lower() in text.lower()

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.mark) + r"\.([A-Za-z0-9_]+)\.")


def needles(secrets: Iterable[str], logins: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Each secret as it may come back: as it is, in an address, in base64; the longest first."""
    found = {
        form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret), _base64(secret))
    }
    found |= {_base64(f"{username}:{password}") for username, password in logins}
    return tuple(sorted(found, key=len, reverse=True))


def masked(value: Any, hidden: Iterable[str]) -> Any:
    """A JSON value in which none of these is left, in its keys neither."""
    forms = tuple(hidden)

    def mask(text: str) -> str:
        for form in forms:
            text = text.replace(form, MASK)
        return text

    return changed(value, mask) if forms else value


def changed(value: Any, change: Change) -> Any:
    """A JSON value with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {change(str(key)): changed(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [changed(item, change) for item in value]
    return value


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
