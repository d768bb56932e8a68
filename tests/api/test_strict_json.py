"""JSON bodies: what is taken, and what is refused with which words."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.api.strict_json import MAX_DEPTH, MAX_INTEGER, Malformed, loads

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
plain = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=12)


@given(values)
def test_what_json_writes_is_read_as_it_was(value: Any) -> None:
    assert loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(Malformed):
        assert loads(raw) == json.loads(raw.decode("utf-8-sig"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "This is not JSON: line 1, column 1"),
        (b'{"a": 1,}', "This is not JSON: line 1"),
        (b"{'a': 1}", "This is not JSON"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "“c” is there twice"),
        (b"[1e400]", "1e400 is too large"),
        (b"[9007199254740992]", "send it as a text"),
        (b"[" + b"9" * 9000 + b"]", "send it as a text"),
        (b'["\xd6\xd0\xce\xc4"]', "Byte 2 is not UTF-8"),
        (rb'["a\u0000b"]', "U+0000"),
        (rb'{"\u0000": 1}', "U+0000"),
        (rb'["\ud800"]', "surrogate"),
        (b"[" * (MAX_DEPTH + 1) + b"1" + b"]" * (MAX_DEPTH + 1), "levels deep"),
        (b"[" * 200_000, "levels deep"),
        (b'{"a":' * 200_000, "levels deep"),
    ],
)
def test_it_is_refused_with_a_remedy(raw: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=re.escape(said)):
        loads(raw)


def test_the_deepest_allowed_is_read() -> None:
    assert loads(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH)


def test_a_byte_order_mark_is_taken() -> None:
    assert loads(b'\xef\xbb\xbf{"a": "\xe5\xb7\xa5"}') == {"a": "工"}
