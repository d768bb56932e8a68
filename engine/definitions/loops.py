"""Owns reading loop characteristics (BPMN 2.0.2, 10.3.8): multi-instance and standard loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.definitions.declared import Source
from engine.definitions.kinds import LoopKind
from engine.definitions.parts import Expr, Loop
from engine.definitions.source import at, child, child_text, children, expr_of, flag, id_of
from engine.definitions.xml import local
from engine.expressions import N_

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ENDS = {"dataInputAssociation": ("targetRef", "sourceRef"), "dataOutputAssociation": ("sourceRef", "targetRef")}
"""Of a data association: the end inside the activity, and the one outside."""


def read_loop(element: Element, source: Source) -> Loop | None:
    """How often an activity is done, or None for once."""
    several = child(element, "multiInstanceLoopCharacteristics")
    if several is not None:
        return _several(element, several, source)
    standard = child(element, "standardLoopCharacteristics")
    return _standard(element, standard, source) if standard is not None else None


def _several(element: Element, several: Element, source: Source) -> Loop | None:
    kind = LoopKind.SEQUENTIAL if flag(several, "isSequential", default=False) else LoopKind.PARALLEL
    loop = source.dialect.loop(several, kind)
    reference = _data_of(child_text(several, "loopDataInputRef"), element, source)
    item, output_item = child(several, "inputDataItem"), child(several, "outputDataItem")
    loop = msgspec.structs.replace(
        loop,
        collection=loop.collection or (Expr(reference, "python") if reference else None),
        element=loop.element or (_item_name(item) if item is not None else ""),
        output=loop.output or _data_of(child_text(several, "loopDataOutputRef"), element, source),
        output_element=loop.output_element or (_item_name(output_item) if output_item is not None else ""),
        cardinality=_python(child_text(several, "loopCardinality")) or loop.cardinality,
        condition=_python(child_text(several, "completionCondition")) or loop.condition,
    )
    if loop.collection is None and loop.cardinality is None:
        problem = N_("The repeated activity says neither over what nor how often it is repeated; it is done once.")
        source.report.warning("loop-empty", at(element), problem, N_("Give it a collection or a number of times."))
        return None
    return loop


def _data_of(reference: str, element: Element, source: Source) -> str:
    """The variable behind a reference: data that goes into the activity is what its association brings there."""
    reference = reference.rpartition(":")[2]
    for association in children(element):
        inner, outer = ENDS.get(local(association), ("", ""))
        brought = child_text(association, outer).rpartition(":")[2] if inner else ""
        if brought and child_text(association, inner).rpartition(":")[2] == reference:
            return source.data.get(brought, brought)
    return source.data.get(reference, reference)


def _standard(element: Element, standard: Element, source: Source) -> Loop | None:
    maximum, condition = standard.get("loopMaximum", "").strip(), _python(child_text(standard, "loopCondition"))
    counted = maximum.isascii() and maximum.isdigit() and len(maximum) < 10
    if condition is None and not counted:
        problem = N_("The loop has neither a condition nor a maximum; it is done once.")
        source.report.warning("loop-endless", at(element), problem, N_("Give it a condition or a number of rounds."))
        return None
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
