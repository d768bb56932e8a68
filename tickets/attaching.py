"""Owns giving a ticket the files that its forms' values name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from tickets.access import Actor
from tickets.files import attach

_FILE = {"id", "name", "size", "type"}


def attach_values(session: Session, actor: Actor, ticket_id: int, values: Mapping[str, Any], *, public: bool) -> None:
    """Attaches every file among a form's values; most forms have none, which costs no statement."""
    ids = list(_file_ids(values))
    if ids:
        attach(session, actor, ticket_id, ids, public=public)


def names_files(value: Any) -> bool:
    """Whether a value of a form holds files."""
    return any(True for _ in _file_ids(value))


def _file_ids(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if set(value) == _FILE:
            yield str(value["id"])
        else:
            for item in value.values():
                yield from _file_ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from _file_ids(item)
