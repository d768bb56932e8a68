"""Owns binding calls: what a process calls, however deep, stored with it, every element's id unique among them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from engine.definitions.model import Compiled, Flow, Kind, Node, Process, Scope
from engine.definitions.report import At, Report
from engine.expressions import N_

MAX_CALLS = 20

Deployed = Callable[[str], Compiled | None]
"""Finds the newest deployed definition of a process id, for calls that leave the bundle."""


def bind(found: list[tuple[str, Process]], deployed: Deployed, report: Report) -> Iterator[tuple[str, Compiled]]:
    """Each process with its file and everything it calls; those whose calls cannot be bound are left to the report."""
    local = {process.id: process for _, process in found}
    as_called = {process.id: qualified(process) for _, process in found}
    for path, process in found:
        report.file = path
        calls = _Calls(local, as_called, deployed, report)
        if calls.gather(process, (process.id,)):
            yield path, Compiled(process, calls.called, calls.forms)


@dataclass
class _Calls:
    """Gathers what one process calls."""

    local: Mapping[str, Process]
    as_called: Mapping[str, Process]
    deployed: Deployed
    report: Report
    called: dict[str, Process] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    too_deep: bool = False

    def gather(self, process: Process, path: tuple[str, ...]) -> bool:
        """False, and a problem, where a call is missing, leads back to itself or nests too deep."""
        good = True
        for node in process.scope.walk():
            if node.kind is Kind.CALL:
                good = self._follow(node, path) and good
        return good

    def _follow(self, node: Node, path: tuple[str, ...]) -> bool:
        if node.called in path:
            chain = " → ".join((*path[path.index(node.called) :], node.called))
            return self._refuse(node, "cyclic-call", N_("The call leads back to itself: %(chain)s."), chain=chain)
        if node.called in self.called:
            return True
        if self.too_deep:
            return False
        if len(path) > MAX_CALLS:
            self.too_deep = True
            problem = N_("Processes call each other more than %(limit)s deep.")
            return self._refuse(node, "calls-too-deep", problem, limit=MAX_CALLS)
        target = self._target(node.called)
        if target is None:
            problem = N_("The called process “%(called)s” is neither in this upload nor deployed.")
            return self._refuse(node, "call-missing", problem, called=node.called)
        self.called[node.called] = self.as_called.get(node.called) or qualified(target)
        return self.gather(target, (*path, node.called))

    def _target(self, process_id: str) -> Process | None:
        if process_id in self.local:
            return self.local[process_id]
        compiled = self.deployed(process_id) if process_id else None
        if compiled is None:
            return None
        self.called.update(compiled.called)
        self.forms.update({qualified_id(process_id, ident): digest for ident, digest in compiled.forms.items()})
        return compiled.process

    def _refuse(self, node: Node, code: str, problem: str, **params: object) -> bool:
        remedy = N_("Upload the called process together with this one, and let no process call itself.")
        self.report.error(code, At(node.id, node.name, node.line), problem, remedy, **params)
        return False


def qualified_id(process_id: str, ident: str) -> str:
    """An id as the callers of its process know it: no id in a file holds a slash."""
    return ident if "/" in ident else f"{process_id}/{ident}"


def qualified(process: Process) -> Process:
    """The process with its elements' ids qualified: ids are unique in one file, and a call brings files together."""
    return msgspec.structs.replace(process, scope=_qualified_scope(process.id, process.scope))


def _qualified_scope(process_id: str, scope: Scope) -> Scope:
    nodes = tuple(_qualified_node(process_id, node) for node in scope.nodes)
    return Scope(nodes, tuple(_qualified_flow(process_id, flow) for flow in scope.flows))


def _qualified_node(process_id: str, node: Node) -> Node:
    return msgspec.structs.replace(
        node,
        id=qualified_id(process_id, node.id),
        attached_to=qualified_id(process_id, node.attached_to) if node.attached_to else "",
        body=_qualified_scope(process_id, node.body) if node.body is not None else None,
    )


def _qualified_flow(process_id: str, flow: Flow) -> Flow:
    source, target = qualified_id(process_id, flow.source), qualified_id(process_id, flow.target)
    return msgspec.structs.replace(flow, source=source, target=target)
