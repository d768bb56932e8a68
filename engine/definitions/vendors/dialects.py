"""Owns which dialect a file is in: by the namespaces it really uses; a file of several vendors has each one's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from engine.definitions.connecting import Connector
from engine.definitions.kinds import Kind, LoopKind
from engine.definitions.parts import Expr, FormField, Loop, Work
from engine.definitions.vendors.camunda7 import Camunda7
from engine.definitions.vendors.camunda8 import ZEEBE, Camunda8
from engine.definitions.vendors.dialect import Dialect, Mappings, Remark, words_of
from engine.definitions.vendors.flowable import Flowable
from engine.definitions.vendors.spiffarena import SPIFF, SpiffArena

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

VENDORS: tuple[tuple[tuple[str, ...], type[Dialect]], ...] = (
    (Camunda7.namespaces, Camunda7),
    (Flowable.namespaces, Flowable),
    ((ZEEBE,), Camunda8),
    ((SPIFF,), SpiffArena),
)


def dialect_of(root: Element) -> Dialect:
    """Plain BPMN where no vendor's namespace is used; declaring one is not using it."""
    found = [vendor() for namespaces, vendor in VENDORS if words_of(root, namespaces)]
    return found[0] if len(found) == 1 else Mixed(found) if found else Dialect()


class Mixed(Dialect):
    """Asks each vendor in turn: the first that says something counts; lists and settings are put together."""

    spoken = True

    def __init__(self, dialects: list[Dialect]) -> None:
        self.dialects, self.plain = dialects, Dialect()

    def kind(self, element: Element, kind: Kind) -> Kind:
        return self._first(lambda dialect: dialect.kind(element, kind))

    def settings(self, element: Element) -> dict[str, str]:
        found: dict[str, str] = {}
        for dialect in reversed(self.dialects):
            found |= dialect.settings(element)
        return found

    def work(self, element: Element) -> Work:
        return _filled([dialect.work(element) for dialect in self.dialects])

    def fields(self, element: Element) -> tuple[FormField, ...]:
        return self._first(lambda dialect: dialect.fields(element))

    def forms(self, process: Element) -> dict[str, str]:
        return self._first(lambda dialect: dialect.forms(process))

    def documentation(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.documentation(element))

    def initiator(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.initiator(element))

    def topic(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.topic(element))

    def connector(self, element: Element) -> Connector | None:
        return self._first(lambda dialect: dialect.connector(element))

    def value(self, element: Element) -> Expr | None:
        return self._first(lambda dialect: dialect.value(element))

    def result(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.result(element))

    def called(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.called(element))

    def decision(self, element: Element) -> tuple[str, str]:
        return self._first(lambda dialect: dialect.decision(element))

    def mappings(self, element: Element) -> Mappings:
        return self._first(lambda dialect: dialect.mappings(element))

    def scripts(self, element: Element) -> tuple[str, str]:
        return self._first(lambda dialect: dialect.scripts(element))

    def key(self, message: Element) -> Expr | None:
        return self._first(lambda dialect: dialect.key(message))

    def awaited(self, element: Element) -> Expr | None:
        return self._first(lambda dialect: dialect.awaited(element))

    def received(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.received(element))

    def naming(self, definition: Element) -> Expr | None:
        return self._first(lambda dialect: dialect.naming(definition))

    def message(self, element: Element) -> str:
        return self._first(lambda dialect: dialect.message(element))

    def caught(self, definition: Element) -> tuple[str, str]:
        return self._first(lambda dialect: dialect.caught(definition))

    def loop(self, element: Element, kind: LoopKind) -> Loop:
        return _filled([dialect.loop(element, kind) for dialect in self.dialects])

    def unread(self, element: Element) -> list[str]:
        return list(dict.fromkeys(tag for dialect in self.dialects for tag in dialect.unread(element)))

    def remarks(self, element: Element) -> list[Remark]:
        found = [remark for dialect in self.dialects for remark in dialect.remarks(element)]
        return [remark for place, remark in enumerate(found) if remark not in found[:place]]

    def _first(self, ask: Callable[[Dialect], T]) -> T:
        plain = ask(self.plain)
        return next((answer for dialect in self.dialects if (answer := ask(dialect)) != plain), plain)


def _filled(found: list[S]) -> S:
    """The first, with what it leaves open taken from those after it."""
    first, *others = found
    for other in others:
        absent = {name: getattr(other, name) for name in first.__struct_fields__ if not getattr(first, name)}
        first = msgspec.structs.replace(first, **absent)
    return first
