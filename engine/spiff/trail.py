"""Owns what completed activities leave behind in their scope, so that they can be undone: the newest last (13.5.5).

A record keeps what its activity changed, and which round it was: what undoes it knows that as it was then, and the rest
of the data as it is now. Scopes without compensation keep nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from engine.spiff.tokens import Token, copy
from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.open_scopes import ScopeMixin

KEY = "undo"
CANCELLED = "cancelled"
"""Noted on the holder of a transaction that was cancelled."""


class Record(TypedDict):
    """A completed activity. `by` is the token that undoes it; `inside` is what a sub-process left in its own scope.

    `whole`: the sub-process had completed; else it was cancelled, and only what had completed inside is undone.
    """

    of: str
    index: int | None
    changed: Values
    inside: Sequence[Record]
    whole: bool
    by: str


def remember(token: Token) -> None:
    """A completed activity with a handler leaves what it yields; a cancelled transaction is undone already."""
    if CANCELLED not in token.peek():
        _add(token, token.result)


def remember_scope(holder: Token, scope: ScopeMixin, changed: Values, *, whole: bool = True) -> None:
    """A sub-process leaves what its own activities have left in it; nothing if there is nothing to undo."""
    inside = [record for record in records_of(scope) if not record["by"]]
    if CANCELLED not in holder.peek() and (inside or (whole and scope.spec.undoer)):
        _add(holder, {**holder.peek().get("local", {}), **changed}, inside, whole=whole)


def recall(scope: ScopeMixin, record: Record) -> None:
    """Puts what a sub-process left behind into its scope, opened again."""
    scope.memory[KEY] = list(record["inside"])


def records_of(scope: ScopeMixin) -> list[Record]:
    return cast("list[Record]", scope.memory.get(KEY, []))


def claim(scope: ScopeMixin, names: Iterable[str] | None, by: str) -> None:
    """Sets aside what is free and called so (None: all) for one token to undo."""
    for record in records_of(scope):
        if not record["by"] and (names is None or record["of"] in names):
            record["by"] = by


def release(scope: ScopeMixin, by: str) -> None:
    """What was set aside for the token and is not undone yet is free again."""
    for record in records_of(scope):
        if record["by"] == by:
            record["by"] = ""


def take(scope: ScopeMixin, by: str) -> Record | None:
    """Takes out the newest that is set aside for the token; None if none is left."""
    records = records_of(scope)
    at = next((at for at in reversed(range(len(records))) if records[at]["by"] == by), None)
    return records.pop(at) if at is not None else None


def _add(token: Token, changed: Values, inside: Sequence[Record] = (), *, whole: bool = True) -> None:
    spec = token.task_spec
    own = spec.repeats.own(token) if spec.repeats is not None else {}
    record = Record(
        of=spec.element,
        index=token.peek().get("index"),
        changed=copy({**own, **changed}),
        inside=inside,
        whole=whole,
        by="",
    )
    token.workflow.memory.setdefault(KEY, []).append(record)
