"""Owns tokens: SpiffWorkflow's tasks whose data thaws when first touched and which remember their encoded form."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.step import Values

if TYPE_CHECKING:
    from engine.spiff.nodes import NodeSpec
    from engine.spiff.open_scopes import ScopeMixin

WAITING, READY, STARTED = TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED, FUTURE = TaskState.COMPLETED, TaskState.CANCELLED, TaskState.FUTURE
LIVE = TaskState.NOT_FINISHED_MASK

logging.getLogger("spiff").setLevel(logging.WARNING)


class Token(Task):
    """A place where the instance is, or was and others still depend on.

    Invariant: a token's data never changes once it has a child, so a child may be kept as its difference from its
    parent; what a completing activity yields goes to the children through `result`, and without what it `removed`.
    """

    _state: int
    removed: Sequence[str] = ()
    last: Values | None = None
    """All that was known inside as the activity ended, where mappings let only some of it out."""

    def __init__(self, scope: ScopeMixin, spec: NodeSpec, parent: Token | None, *, via: str = "") -> None:
        self._data: Values | None = {}
        self._internal: Values = {}
        self._frozen: tuple[Values, list[str]] | None = None
        self.row: bytes | None = None
        self.result: Values = {}
        self.via = via
        super().__init__(scope, spec, parent, state=FUTURE, id=scope.top_workflow.next_id())
        self.loop = inherited_loop(scope, parent)
        self.entered: float = scope.top_workflow.world.now.timestamp()

    @property
    def data(self) -> Values:
        if self._data is None:
            self._data = self._thaw()
        self.row = None
        return self._data

    @data.setter
    def data(self, value: Values) -> None:
        self._data, self._frozen, self.row = value, None, None

    @property
    def internal_data(self) -> Values:
        self.row = None
        return self._internal

    @internal_data.setter
    def internal_data(self, value: Values) -> None:
        self._internal, self.row = value, None

    def change(self, changed: Values, deleted: Iterable[str] = ()) -> None:
        """Writes to this token's data and, unless it is one round of many, to its scope's."""
        self.data.update(changed)
        for key in deleted:
            self.data.pop(key, None)
        if self.task_spec.repeats is None:
            self.workflow.write(changed, deleted)

    def peek(self) -> Values:
        """The internal data for reading only: the remembered encoding stays good."""
        return self._internal

    def freeze(self, changed: Values, deleted: list[str]) -> None:
        """Gives the data as a difference from the parent's; it is put together when somebody asks for it."""
        self._data, self._frozen = None, (changed, deleted)

    def difference(self) -> tuple[Values, list[str]]:
        """What differs from the parent's data: (changed or new, deleted)."""
        if self._data is None and self._frozen is not None:
            return self._frozen
        parent, mine = self.parent, self._data or {}
        if parent is None:
            return mine, []
        return difference(parent.look(), mine)

    def look(self) -> Values:
        """The data for reading only."""
        if self._data is None:
            self._data = self._thaw()
        return self._data

    def known(self) -> Values:
        """What its activity knows: the data, what only the activity was given, and what it yields."""
        local = self._internal.get("local")
        if local is None:
            return {**self.look(), **self.result}
        return {**({} if "alone" in self._internal else self.look()), **local, **self.result}

    def _thaw(self) -> Values:
        changed, deleted = self._frozen or ({}, [])
        self._frozen = None
        parent = self.parent
        data = copy(parent.look()) if parent is not None else {}
        for key in deleted:
            data.pop(key, None)
        data.update(copy(changed))
        return data

    def _set_state(self, value: int) -> None:
        """As the library's, without log records that nobody reads; a ready automatic token joins the agenda."""
        if value != self._state:
            self._state, self.row = value, None
            if value == READY and not self.task_spec.manual:
                self.workflow.top_workflow.agenda.append(self)

    def run(self) -> None:
        """Lets an automatic node do its work; one that has already seen to what becomes of its token says False."""
        if self.task_spec._run_hook(self):
            self.complete()

    def is_live(self) -> bool:
        return bool(self._state & LIVE)

    def drop(self) -> None:
        """Takes this token and everything below it out of the tree, with the scopes they hold open."""
        for child in self.children:
            child.drop()
        self.workflow.top_workflow.close_scope(self)
        if (parent := self.parent) is not None:
            parent._children.remove(self.id)
            parent.row = None
        self.workflow.tasks.pop(self.id, None)


def inherited_loop(scope: ScopeMixin, parent: Token | None) -> str | None:
    """Which round its surroundings are, as "3", or "2.1" when repeated inside a repetition; None outside of any."""
    if parent is not None:
        return parent.loop
    return scope.holder.loop if scope.holder is not None else None


def round_of(loop: str | None, index: int) -> str:
    return f"{loop}.{index + 1}" if loop else str(index + 1)


def difference(base: Values, data: Values) -> tuple[Values, list[str]]:
    """What `data` has that `base` has not or otherwise, and the keys it lacks."""
    if data is base:
        return {}, []
    changed = {key: value for key, value in data.items() if key not in base or _other(base[key], value)}
    return changed, [key for key in base if key not in data]


def _other(a: Any, b: Any) -> bool:
    """Whether they are other JSON: in Python 1, 1.0 and True are equal, inside lists too."""
    if a is b:
        return False
    if type(a) is not type(b) or a != b:
        return True
    return type(a) in (dict, list) and orjson.dumps(a) != orjson.dumps(b)


def copy(value: Any) -> Any:
    """A copy of JSON data sharing nothing that can change."""
    kind = type(value)
    if kind is dict:
        return {key: copy(item) if type(item) in (dict, list) else item for key, item in value.items()}
    if kind is list:
        return [copy(item) if type(item) in (dict, list) else item for item in value]
    return value
