"""Owns how the log looks: JSON lines for machines, colours in a terminal; what is secret or private is never in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from engine.secrets import MASK, without_secrets

ACCESS = "gongdan.access"
FORMATS = ("auto", "json", "console")
SECRET = re.compile(r"passw|secret|token|cookie|authori[sz]ation|csrf|api_?key|credential", re.IGNORECASE)
"""Names of what lets somebody in."""
PRIVATE = frozenset({"answers", "args", "body", "data", "draft", "form", "payload", "submitted", "values"})
"""Names of what people filled in, of which any part may be sensitive."""


def start(form: str = "auto", stream: TextIO | None = None) -> None:
    """Log to a stream (the standard error), ours and that of libraries alike, a line each."""
    out = stream or sys.stderr
    readable = form == "console" or (form == "auto" and out.isatty())
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback) if readable else _JSON
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        mask,
    ]
    structlog.configure(processors=[*before, renderer], logger_factory=structlog.PrintLoggerFactory(out))
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), structlog.stdlib.add_logger_name, *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(ACCESS).setLevel(logging.INFO)


def mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide what is secret or private by its name, wherever it is; leave out what is None."""
    return {
        name: value if name in _RECORD else _masked(name, value) for name, value in event.items() if value is not None
    }


_RECORD = frozenset({"_record", "_from_structlog"})
"""What structlog carries along and takes out again before a line is written."""
_JSON = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _masked(name: str, value: Any) -> Any:
    if SECRET.search(name) or name in PRIVATE:
        return MASK
    if isinstance(value, Mapping):
        return {str(key): _masked(str(key), each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _masked(each.name, getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else without_secrets(str(value))
