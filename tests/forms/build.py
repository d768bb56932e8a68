"""Small forms to test with: components by a line each, and posts as browsers send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.expressions import Level, Message, Problem
from forms import Form, Submission, parse_html, parse_json, read_form

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def component(kind: str, key: str = "", **properties: Any) -> dict[str, Any]:
    """A component; containers get their key as path."""
    name = "path" if kind in {"group", "dynamiclist"} else "key"
    return {"type": kind, **({name: key} if key else {}), "label": key.title(), **properties}


def values(*texts: str) -> list[dict[str, str]]:
    """Options labelled by their values in capitals."""
    return [{"value": text, "label": text.upper()} for text in texts]


def report(*components: object, **properties: Any) -> tuple[Form, list[Problem]]:
    """Read a form of these components."""
    return read_form({"type": "default", "id": "test", "components": list(components), **properties})


def form(*components: object) -> Form:
    """A form that has no problems."""
    read, problems = report(*components)
    assert problems == []
    return read


def codes(problems: list[Problem], level: Level = Level.ERROR) -> list[str]:
    return [problem.code for problem in problems if problem.level is level]


def post(read: Form, /, *pairs: tuple[str, Any], before: Mapping[str, Any] | None = None, **kwargs: Any) -> Submission:
    """Send an HTML form."""
    return parse_html(read, pairs, now=NOW, values_before=before, **kwargs)


def send(read: Form, values: object, before: Mapping[str, Any] | None = None, **kwargs: Any) -> Submission:
    """Send JSON."""
    return parse_json(read, values, now=NOW, values_before=before, **kwargs)


def said(errors: Mapping[str, Message]) -> dict[str, str]:
    """Errors in English."""
    return {path: str(message) for path, message in errors.items()}


@dataclass
class Upload:
    """A file on its way."""

    filename: str
    type: str = "application/pdf"
    size: int = 10
