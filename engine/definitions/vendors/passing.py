"""Owns how the kindred vendors spell what goes into an activity and comes out of it: `in` and `out` of calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.definitions.parts import Assign, Expr
from engine.definitions.source import expr_of
from engine.definitions.vendors.dialect import Mappings, Remark
from engine.definitions.wording import compile_expr
from engine.expressions import N_, BudgetExceeded, EvaluationError, ExpressionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element


def expression(text: str, *, plain: str = "literal") -> Expr:
    """An expression as these vendors spell it: `${…}` or `#{…}` anywhere makes all of it JUEL."""
    text = text.strip()
    return Expr(text, "juel") if "${" in text or "#{" in text else expr_of(text, plain=plain)


def variable(name: str) -> Expr:
    """A variable by its name, whatever its letters; null while it is not set."""
    return Expr(f"${{execution.getVariable({json.dumps(name, ensure_ascii=False)})}}", "juel")


def fault_of(expr: Expr) -> tuple[frozenset[str], ExpressionError | None]:
    """The variables an expression reads, and why it is not understood, if so."""
    try:
        return compile_expr(expr).names, None
    except ExpressionError as fault:
        return frozenset(), fault


def constant_of(expr: Expr) -> str:
    """The text that an expression always gives; empty if it reads a variable, gives none or is not understood."""
    try:
        compiled = compile_expr(expr)
        value = compiled.evaluate({}) if not compiled.names else None
    except (ExpressionError, EvaluationError, BudgetExceeded):
        return ""
    return value if isinstance(value, str) else ""


def assigns(ways: Sequence[Element]) -> tuple[tuple[Assign, ...], list[Remark]]:
    """`source` (a variable) or `sourceExpression` to `target`; what is not understood is left out and remarked."""
    found: list[Assign] = []
    remarks: list[Remark] = []
    for way in ways:
        source, written = way.get("source", "").strip(), way.get("sourceExpression", "").strip()
        name = way.get("target", "").strip() or source
        value = expression(written) if written else _source(source)
        if not name or value is None:
            continue
        fault = fault_of(value)[1]
        if fault is None:
            found.append(Assign(name, value))
        else:
            remarks.append(left_out(name, fault))
    return tuple(found), remarks


def calls(ins: Sequence[Element], outs: Sequence[Element]) -> tuple[Mappings, list[Remark]]:
    """What a call activity's `in` and `out` say; without any of them all goes in and all comes out.

    As these vendors have it, as soon as one is named nothing else is passed, unless `variables="all"`.
    """
    inputs, lost = assigns(ins)
    outputs, also = assigns(outs)
    named = bool(ins or outs)
    mappings = Mappings(inputs, outputs, named and not _everything(ins), named and not _everything(outs))
    return mappings, lost + also


def left_out(name: str, fault: ExpressionError) -> Remark:
    problem = N_("What is given to “%(name)s” is not understood and left out: %(detail)s")
    remedy = N_("Write it so that it needs no Java, or set the variable in a script task before.")
    return Remark("data-left-out", problem, remedy, params={"name": name[:60], "detail": fault.message})


def _source(text: str) -> Expr | None:
    if not text:
        return None
    return expression(text) if "${" in text or "#{" in text else variable(text)


def _everything(ways: Sequence[Element]) -> bool:
    return any(way.get("variables", "") == "all" for way in ways)
