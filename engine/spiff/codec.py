"""Owns the stored form of an instance: its live tokens as JSON rows, without the spec; one number for the shape."""

from __future__ import annotations

from typing import Any

import orjson

from engine.spiff.build import Blueprint
from engine.spiff.compact import compact
from engine.spiff.open_scopes import Scope, ScopeMixin
from engine.spiff.tokens import WAITING, Token, difference, inherited_loop, round_of
from engine.spiff.workflow import Instance

CODEC_VERSION = 2
_OPTIONS = orjson.OPT_NON_STR_KEYS


class UnknownState(Exception):
    """The state was written by a later release; upgrade before running this instance."""


def dump(instance: Instance) -> bytes:
    """Prunes the instance and writes it. Rows of tokens that nothing touched are not encoded again."""
    compact(instance)
    inner = sorted(instance.subprocesses.items(), key=lambda item: int(item[0]))
    scopes = [_scope("", instance)] + [_scope(holder, scope) for holder, scope in inner]
    return orjson.dumps({"v": CODEC_VERSION, "n": instance.counter, "s": scopes}, option=_OPTIONS)


def load(content: bytes, blueprint: Blueprint) -> Instance:
    """The instance as it was; raises `UnknownState`."""
    state = orjson.loads(content)
    if state["v"] > CODEC_VERSION:
        raise UnknownState(f"state of codec {state['v']}, this release reads up to {CODEC_VERSION}")
    instance = Instance(blueprint)
    instance.counter = state["n"]
    known: dict[str, Token] = {}
    for holder, name, lane, written, rows, *memory in state["s"]:
        scope: ScopeMixin = instance
        if holder:
            scope = instance.subprocesses[holder] = Scope(blueprint.specs[name], known[holder], lane)
        _load_rows(rows, scope)
        _load_written(written, scope)
        scope.memory = memory[0] if memory else {}
        known.update(scope.tasks)
    return instance


def _scope(holder: str, scope: Any) -> list[Any]:
    """A scope's row. Most have one token, whose data is all that was written; else the difference is kept."""
    written = difference(scope.task_tree.difference()[0], scope.written)
    rows = [orjson.Fragment(token.row or _encode(token)) for token in scope.tasks.values()]
    row = [holder, scope.spec.name, scope.lane, written if any(written) else 0, rows]
    return [*row, scope.memory] if scope.memory else row


def _encode(token: Token) -> bytes:
    changed, deleted = token.difference()
    row = [
        token.id,
        token._parent or "",
        token.task_spec.name,
        token._state,
        token.entered,
        token.via,
        token.peek() or 0,
        changed or 0,
        deleted or 0,
    ]
    token.row = orjson.dumps(row, option=_OPTIONS)
    return token.row


def _load_rows(rows: list[list[Any]], scope: Any) -> None:
    specs, tasks = scope.spec.task_specs, scope.tasks
    for ref, parent, name, state, entered, via, internal, changed, deleted in rows:
        token = Token.__new__(Token)
        token.id, token.workflow, token.task_spec = ref, scope, specs[name]
        token._parent, token._children, token._state = parent or None, [], state
        token.triggered, token.thread_id, token.last_state_change = False, 0, entered
        token.entered, token.via, token.result, token.row = entered, via, {}, None
        token._internal = internal or {}
        token.loop = inherited_loop(scope, tasks.get(parent))
        if "index" in token._internal:
            token.loop = round_of(token.loop, token._internal["index"])
        token._data, token._frozen = None, (changed or {}, deleted or [])
        tasks[ref] = token
        if parent:
            tasks[parent]._children.append(ref)
        else:
            scope.task_tree = token
        if state == WAITING and token.task_spec.watched:
            token.task_spec.watch(token)


def _load_written(written: list[Any] | int, scope: Any) -> None:
    scope.written = dict(scope.task_tree.difference()[0])
    if isinstance(written, list):
        changed, deleted = written
        scope.written.update(changed)
        for key in deleted:
            del scope.written[key]
