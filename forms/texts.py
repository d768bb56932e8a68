"""Owns text that people type: what is taken out of it, and the patterns it may have to match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import re2

from engine.expressions import N_, Message

MAX_LENGTH: Final = 32 * 1024
"""Characters of a text, unless the form allows fewer."""
MAX_PATTERN: Final = 1000

_UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ESCAPED_UNIT: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_EXTENSION = r"(?:\s*(?:转|ext\.?|x|#)\s*\d{1,6})?"


class PatternRefused(Exception):
    """The pattern can't be matched in linear time, or isn't a pattern at all; `reason` says why, in English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as form-js writes it: it may match anywhere in the text, and takes time linear in its length."""

    source: str
    compiled: Any

    @classmethod
    def of(cls, source: str) -> Pattern:
        r"""Compile with RE2; JavaScript's `\uXXXX` is spelled as RE2 wants it. Raises PatternRefused."""
        if len(source) > MAX_PATTERN:
            raise PatternRefused(f"longer than {MAX_PATTERN} characters")
        options = re2.Options()
        options.log_errors = False
        try:
            return cls(source, re2.compile(_ESCAPED_UNIT.sub(r"\\x{\1}", source), options))
        except (re2.error, UnicodeEncodeError) as fault:
            raise PatternRefused(_reason(fault)) from fault

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs in the text, which holds no surrogates."""
        return self.compiled.search(text) is not None


def _reason(fault: Exception) -> str:
    said = fault.args[0] if fault.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


EMAIL: Final = Pattern.of(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)
"""An address as HTML and form-js define it (WHATWG HTML, valid e-mail address)."""
PHONE: Final = Pattern.of(r"^\+?(?:[ ().\-]*\d){5,20}[ )]*" + _EXTENSION + "$")
"""A number as people write it, national ones too: form-js itself wants the country's code before every number."""
STANDARD: Final = {
    "email": (EMAIL, Message(N_("This is not an e-mail address. An example: lan.zhou@example.com"))),
    "phone": (PHONE, Message(N_("This is not a phone number. Examples: 138 0013 8000, +86 755 8888 0000"))),
}


def cleaned(text: str, *, lines: bool) -> str:
    """A text without control characters; line ends become line feeds, or spaces where there is only one line."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if lines else re.sub(r"[\n\t\x85\u2028\u2029]", " ", text)
