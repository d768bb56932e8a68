"""Owns Flowable's `variableAggregation`: what the rounds of a repeated activity gather in one list."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec

from engine.definitions.parts import Expr, Loop
from engine.definitions.source import find_children
from engine.definitions.vendors.dialect import Remark
from engine.expressions import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

_PATH = re.compile(r"(?:[$#]\{\s*)?([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\s*\})?")


def aggregated(loop: Loop, gathered: Sequence[Element]) -> tuple[Loop, list[Remark]]:
    """The loop whose output is the first aggregation's list: one object a round, of the variables it names."""
    if not gathered:
        return loop, []
    target, value = gathered[0].get("target", "").strip(), _value(gathered[0])
    lost = len(gathered) > 1 or value is None or not target
    if value is not None and target:
        loop = msgspec.structs.replace(loop, output=target, output_value=value)
    problem = N_("Not all that this repeated activity gathers is gathered here.")
    remedy = N_("Gather plain variables in one list; work out the rest in a script task behind it.")
    return loop, [Remark("aggregation", problem, remedy)] if lost else []


def _value(aggregation: Element) -> Expr | None:
    entries = []
    for each in find_children(aggregation, "variable"):
        path = _PATH.fullmatch(each.get("source") or each.get("sourceExpression") or "")
        name = each.get("target") or each.get("source")
        if path is None or not name:
            return None
        entries.append(f"{json.dumps(name, ensure_ascii=False)}: {path[1]}")
    return Expr(f"= {{{', '.join(entries)}}}", "feel") if entries else None
