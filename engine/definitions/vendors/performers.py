"""Owns plain BPMN's human performers (BPMN 2.0.2, 10.3.4.1): who does a task where no vendor's attribute says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.definitions.parts import Expr
from engine.definitions.source import expr_of, find_children

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_OUTSIDE_BRACES = re.compile(r",(?![^{}]*\})")
_WRAPPED = re.compile(r"(user|group)\((.*)\)", re.DOTALL)


def assignee_of(element: Element) -> Expr | None:
    """`humanPerformer`: the one who does it."""
    text = next(iter(_texts(element, "humanPerformer")), "")
    return expr_of(text) if text else None


def candidates_of(element: Element) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """`potentialOwner`: people and groups, written as `user(lina), group(support)`; bare words are groups."""
    users: list[Expr] = []
    groups: list[Expr] = []
    for text in _texts(element, "potentialOwner"):
        for part in split(text):
            wrapped = _WRAPPED.fullmatch(part)
            kind = users if wrapped and wrapped[1] == "user" else groups
            kind.append(expr_of(wrapped[2] if wrapped else part))
    return tuple(users), tuple(groups)


def split(text: str) -> list[str]:
    """Parts between commas; a comma inside `${…}` belongs to its expression, and FEEL after `=` is one as a whole."""
    if text.strip().startswith("="):
        return [text.strip()]
    return [part.strip() for part in _OUTSIDE_BRACES.split(text) if part.strip()]


def _texts(element: Element, tag: str) -> list[str]:
    found = []
    for performer in find_children(element, tag):
        for assignment in find_children(performer, "resourceAssignmentExpression"):
            found += ["".join(formal.itertext()).strip() for formal in find_children(assignment, "formalExpression")]
    return [text for text in found if text]
