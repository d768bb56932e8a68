"""Owns reading loop characteristics (BPMN 2.0.2, 10.3.8): multi-instance and standard loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.definitions.dialect import Dialect
from engine.definitions.model import Expr, Loop, LoopKind
from engine.definitions.report import Report
from engine.definitions.source import at, child, child_text, expr_of, flag, id_of
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def read_loop(element: Element, dialect: Dialect, report: Report) -> Loop | None:
    """How often an activity is done, or None for once."""
    several, standard = (
        child(element, "multiInstanceLoopCharacteristics"),
        child(element, "standardLoopCharacteristics"),
    )
    if several is not None:
        return _several(element, several, dialect, report)
    return _standard(element, standard, report) if standard is not None else None


def _several(element: Element, several: Element, dialect: Dialect, report: Report) -> Loop:
    kind = LoopKind.SEQUENTIAL if flag(several, "isSequential", default=False) else LoopKind.PARALLEL
    loop = dialect.loop(several, kind)
    reference, item = child_text(several, "loopDataInputRef"), child(several, "inputDataItem")
    output_item = child(several, "outputDataItem")
    loop = msgspec.structs.replace(
        loop,
        collection=loop.collection or (Expr(reference, "python") if reference else None),
        element=loop.element or (_item_name(item) if item is not None else ""),
        output=loop.output or child_text(several, "loopDataOutputRef"),
        output_element=loop.output_element or (_item_name(output_item) if output_item is not None else ""),
        cardinality=_python(child_text(several, "loopCardinality")),
        condition=_python(child_text(several, "completionCondition")),
    )
    if loop.collection is None and loop.cardinality is None:
        problem = N_("The repeated activity says neither over what nor how often it is repeated.")
        report.error("loop-empty", at(element), problem, N_("Give it a collection or a number of times."))
    return loop


def _standard(element: Element, standard: Element, report: Report) -> Loop:
    maximum, condition = standard.get("loopMaximum", "").strip(), _python(child_text(standard, "loopCondition"))
    counted = maximum.isascii() and maximum.isdigit() and len(maximum) < 10
    if condition is None and not counted:
        problem = N_("The loop has neither a condition nor a maximum: it would never end.")
        report.error("loop-endless", at(element), problem, N_("Give it a condition or a maximum number of rounds."))
    return Loop(
        kind=LoopKind.STANDARD,
        condition=condition,
        maximum=int(maximum) if counted else None,
        test_before=flag(standard, "testBefore", default=False),
    )


def _python(text: str) -> Expr | None:
    return expr_of(text, plain="python") if text else None


def _item_name(item: Element) -> str:
    return item.get("name") or id_of(item)
