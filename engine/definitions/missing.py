"""Owns trying a process without what it calls: a called process or table that is not there is done as a job."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from engine.definitions.kinds import Kind
from engine.definitions.model import Node, Process
from engine.definitions.report import At, Report
from engine.definitions.rewrite import with_nodes
from engine.expressions import N_


def without_missing(
    process: Process, is_process: Callable[[str], bool], decisions: Collection[str], report: Report
) -> Process:
    """The process with a job in place of each call of what is not there; each is a warning."""

    def settled(node: Node) -> Node:
        if node.kind is Kind.CALL and not is_process(node.called):
            return _job(node, N_("The called process “%(called)s” is not here; the step gives nothing."), report)
        if node.kind is Kind.DECISION and node.called not in decisions:
            return _job(node, N_("The decision “%(called)s” is not here; the step gives nothing."), report)
        return node

    return with_nodes(process, settled)


def _job(node: Node, problem: str, report: Report) -> Node:
    at, remedy = At(node.id, node.name, node.line), N_("Put it beside this file.")
    report.warning(f"{node.kind.value}-missing", at, problem, remedy, called=node.called)
    return msgspec.structs.replace(node, kind=Kind.JOB, topic=node.called, called="", result_as="")
