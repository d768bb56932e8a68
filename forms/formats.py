"""Owns which format a file's form is in, and reading it whichever it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from engine.expressions import Problem
from forms.flowable import form_from_flowable, is_flowable
from forms.form import Form
from forms.json_schema import form_from_schema, is_layout, is_schema
from forms.plain import is_plain
from forms.read import read_form
from forms.source import MAX_BYTES, MAX_DEPTH, Unreadable, parse_source


class Format(StrEnum):
    """What a file may be that a task names as its form, or that lies beside one."""

    FORM_JS = "form-js"
    FLOWABLE = "flowable"
    SCHEMA = "json-schema"
    LAYOUT = "layout"
    TEXT = "text"
    """HTML, or a template of another engine: shown there, never here."""
    OTHER = "other"


def format_of(content: bytes) -> Format:
    """By what the file holds, whatever it is called; never raises."""
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start and start[:1] not in (b"{", b"[", b'"') and _is_text(start):
        return Format.TEXT
    value = _object(content)
    if value is None:
        return Format.OTHER
    if "components" in value:
        return Format.FORM_JS
    if is_flowable(value):
        return Format.FLOWABLE
    if is_schema(value):
        return Format.SCHEMA
    return Format.LAYOUT if is_layout(value) else Format.OTHER


def name_of(content: bytes) -> str:
    """What a form calls itself: form-js's id, Flowable's key, a schema's `$id`."""
    value = _object(content) or {}
    return next((name for key in ("id", "key", "$id") if isinstance(name := value.get(key), str) and name), "")


def read_any(content: bytes, layout: bytes = b"", *, file: str = "") -> tuple[Form, list[Problem]]:
    """Read a form of any format, a schema's with its layout; an ERROR refuses it, losses are warnings."""
    found = format_of(content)
    if found not in (Format.FLOWABLE, Format.SCHEMA):
        return read_form(content, file=file)
    try:
        value, text = parse_source(content, file)
    except Unreadable as refusal:
        return Form("", {}, "", ()), [refusal.problem]
    if found is Format.FLOWABLE:
        converted, lost = form_from_flowable(value, file=file, text=text)
    else:
        converted, lost = form_from_schema(value, _object(layout) or {}, file=file, text=text)
    form, problems = read_form(converted, file=file)
    return form, [*lost, *problems]


def _is_text(start: bytes) -> bool:
    try:
        start.decode("utf-8", "strict")
    except UnicodeDecodeError as fault:
        return 4 < len(start) - 4 < fault.start  # the start may end inside a character
    return True


def _object(content: bytes) -> Mapping[str, Any] | None:
    """The JSON object that the file holds, or None."""
    if len(content) > MAX_BYTES:
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and is_plain(value, depth=MAX_DEPTH) else None
