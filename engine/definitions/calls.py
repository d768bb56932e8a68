"""Owns binding calls: what a process calls, however deep, stored with it, every element's id unique among them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.decisions.model import Decision
from engine.definitions.kinds import Kind
from engine.definitions.missing import without_missing
from engine.definitions.model import Node, Process
from engine.definitions.qualified import qualified, qualified_id
from engine.definitions.report import At, Report
from engine.definitions.stored import Compiled
from engine.expressions import N_

MAX_CALLS = 20

Deployed = Callable[[str], Compiled | None]
"""Finds the newest deployed definition of a process id, for calls that leave the bundle."""


def bind(
    found: Sequence[tuple[str, Process]],
    decisions: Mapping[str, Decision],
    deployed: Deployed,
    report: Report,
    *,
    lenient: bool = False,
) -> Iterator[tuple[str, Compiled]]:
    """Each process with its file and everything it calls; those whose calls cannot be bound are left to the report.

    `lenient`: what is missing is a warning, and the call a job.
    """
    if lenient:
        found = list(_without_missing(found, decisions, deployed, report))
    local = {process.id: process for _, process in found}
    as_called = {process.id: qualified(process) for _, process in found}
    for path, process in found:
        report.file = path
        calls = _Calls(local, as_called, decisions, deployed, report)
        if calls.gather(process, (process.id,)):
            yield path, Compiled(process, calls.called, calls.forms, calls.asked)


def _without_missing(
    found: Sequence[tuple[str, Process]], decisions: Mapping[str, Decision], deployed: Deployed, report: Report
) -> Iterator[tuple[str, Process]]:
    local = {process.id for _, process in found}

    def is_process(called: str) -> bool:
        return called in local or (bool(called) and deployed(called) is not None)

    for path, process in found:
        report.file = path
        yield path, without_missing(process, is_process, decisions, report)


@dataclass
class _Calls:
    """Gathers what one process calls."""

    local: Mapping[str, Process]
    as_called: Mapping[str, Process]
    decisions: Mapping[str, Decision]
    deployed: Deployed
    report: Report
    called: dict[str, Process] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Decision] = field(default_factory=dict)
    too_deep: bool = False

    def gather(self, process: Process, path: tuple[str, ...]) -> bool:
        """False, and a problem, where a call is missing, leads back to itself or nests too deep."""
        good = True
        for node in process.scope.walk():
            if node.kind is Kind.CALL:
                good = self._follow(node, path) and good
            if node.kind is Kind.DECISION:
                good = self._ask(node) and good
        return good

    def _ask(self, node: Node) -> bool:
        """The decision with all that it requires; one that a deployed process brought counts as well."""
        if node.called not in self.decisions:
            problem = N_("The decision “%(called)s” is not in this upload.")
            remedy = N_("Upload the .dmn file that holds it together with this process.")
            return node.called in self.asked or self._refuse(node, "decision-missing", problem, remedy)
        ahead = [node.called]
        while ahead:
            decision = self.decisions.get(ahead.pop())
            if decision is not None and self.asked.get(decision.id) is not decision:
                self.asked[decision.id] = decision
                ahead += decision.requires
        return True

    def _follow(self, node: Node, path: tuple[str, ...]) -> bool:
        remedy = N_("Upload the called process together with this one, and let no process call itself.")
        if node.called in path:
            chain = " → ".join((*path[path.index(node.called) :], node.called))
            problem = N_("The call leads back to itself: %(chain)s.")
            return self._refuse(node, "cyclic-call", problem, remedy, chain=chain)
        if node.called in self.called:
            return True
        if self.too_deep:
            return False
        if len(path) > MAX_CALLS:
            self.too_deep = True
            problem = N_("Processes call each other more than %(limit)s deep.")
            return self._refuse(node, "calls-too-deep", problem, remedy, limit=MAX_CALLS)
        target = self._target(node.called)
        if target is not None and (back := self._back(node, path)):
            problem = N_("The call leads back to itself: %(chain)s.")
            return self._refuse(node, "cyclic-call", problem, remedy, chain=back)
        if target is None:
            problem = N_("The called process “%(called)s” is neither in this upload nor deployed.")
            return self._refuse(node, "call-missing", problem, remedy)
        self.called[node.called] = self.as_called.get(node.called) or qualified(target)
        return self.gather(target, (*path, node.called))

    def _back(self, node: Node, path: tuple[str, ...]) -> str:
        """How a process that was deployed before comes back, by what it is bound to, to one that calls it; or nothing.

        It would run an older version of itself, and each new version deployed so one more.
        """
        compiled = self.deployed(node.called) if node.called not in self.local else None
        returns = next((caller for caller in path if compiled is not None and caller in compiled.called), "")
        return " → ".join((*path[path.index(returns) :], node.called, "…", returns)) if returns else ""

    def _target(self, process_id: str) -> Process | None:
        if process_id in self.local:
            return self.local[process_id]
        compiled = self.deployed(process_id) if process_id else None
        if compiled is None:
            return None
        self.called.update(compiled.called)
        self.asked = {**compiled.decisions, **self.asked}
        self.forms.update({qualified_id(process_id, ident): digest for ident, digest in compiled.forms.items()})
        return compiled.process

    def _refuse(self, node: Node, code: str, problem: str, remedy: str, **params: object) -> bool:
        at = At(node.id, node.name, node.line)
        self.report.error(code, at, problem, remedy, **{"called": node.called, **params})
        return False


def decisions_by_id(found: Iterable[tuple[str, Decision]], report: Report) -> dict[str, Decision]:
    """The upload's decisions, each with its file, by their ids; ids are those of one decision only."""
    by_id: dict[str, Decision] = {}
    for path, decision in found:
        if decision.id in by_id:
            report.file = path
            problem = N_("The decision id “%(id)s” is used by two decisions of this upload.")
            at = At(decision.id, decision.name, decision.line)
            report.error("duplicate-decision", at, problem, N_("Upload one of them."), id=decision.id)
        by_id.setdefault(decision.id, decision)
    return by_id
