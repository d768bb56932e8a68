"""Owns the file of a form: from its bytes to JSON that is safe to look at, and where a part of it stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from engine.expressions import N_, Level, Message, Problem
from forms.not_json import Unfit, not_json, unfit
from forms.plain import is_plain

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 40


class Unreadable(Exception):
    """The file is not a form at all; `problem` says what it is and how to mend it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def parse_source(source: bytes | str | Mapping[str, Any], file: str) -> tuple[dict[str, Any], str]:
    """The form's JSON object and its text ("" if it came as an object). Raises Unreadable."""
    if isinstance(source, Mapping):
        value: object = dict(source)
        text = ""
    else:
        text = _decoded(source, file)
        value = _loaded(text, file)
    if not isinstance(value, dict):
        raise _unreadable(
            file,
            "not-a-form",
            N_("This is JSON, but not a form."),
            N_("Save the form as JSON from a form-js editor: one object with “components”."),
        )
    if not is_plain(value, depth=MAX_DEPTH):
        raise _unreadable(
            file,
            "not-storable",
            N_("This form is nested deeper than 40 levels, or holds numbers or characters that cannot be stored."),
            N_("Remove NUL characters and halves of surrogate pairs, and write numbers of at most 15 digits."),
        )
    return value, text


def _decoded(source: bytes | str, file: str) -> str:
    if len(source) > MAX_BYTES:
        raise _unreadable(
            file,
            "form-too-large",
            N_("This form is larger than 1 MB."),
            N_("Split it into several forms, one per task."),
        )
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(
            file, "not-utf8", N_("This file is not UTF-8 text."), N_("Save it again with the encoding UTF-8.")
        ) from None


def _loaded(text: str, file: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        raise Unreadable(not_json(fault, text, file)) from None
    except RecursionError:
        raise _unreadable(
            file, "too-deep", N_("This form is nested too deep."), N_("Nest groups and lists at most 10 deep.")
        ) from None
    except ValueError as fault:
        raise Unreadable(unfit(fault, file)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Unfit(N_("“%(name)s” is given twice in one object."), next(n for n in names if names.count(n) > 1))
    return found


def _refuse_constant(name: str) -> float:
    raise Unfit(N_("%(name)s is no number of JSON."), name)


def _unreadable(file: str, code: str, problem: str, remedy: str) -> Unreadable:
    return Unreadable(Problem(Level.ERROR, code, Message(problem), Message(remedy), file=file))


def digest(source: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the canonical JSON: equal for equal forms however they are spaced."""
    return hashlib.sha256(orjson.dumps(source, option=orjson.OPT_SORT_KEYS)).hexdigest()


def line_of(text: str, component: Mapping[str, Any]) -> int:
    """The line, from 1, where a component's id, key or path stands; 1 if it can't be found."""
    for name in ("id", "key", "path"):
        value = component.get(name)
        if text and isinstance(value, str) and value:
            for written in {json.dumps(value, ensure_ascii=False), json.dumps(value)}:
                found = re.search(rf'"{name}"\s*:\s*{re.escape(written)}', text)
                if found:
                    return text.count("\n", 0, found.start()) + 1
    return 1
