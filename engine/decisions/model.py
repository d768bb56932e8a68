"""Owns the normal form of decisions: what DMN files are read into, and versions store beside their process."""

from __future__ import annotations

import msgspec


class Clause(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column: an input's expression, or an output's name; `type` is DMN's type reference, as written."""

    id: str = ""
    label: str = ""
    expr: str = ""
    name: str = ""
    type: str = ""
    language: str = "feel"
    line: int = 1
    values: tuple[str, ...] = ()
    default: str = ""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row: one unary test for each input, one expression for each output, as written."""

    id: str = ""
    line: int = 1
    tests: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """One decision: a table, or a literal expression; `requires` are the decisions whose results it reads."""

    id: str
    name: str = ""
    line: int = 1
    variable: str = ""
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    inputs: tuple[Clause, ...] = ()
    outputs: tuple[Clause, ...] = ()
    rules: tuple[Rule, ...] = ()
    literal: str = ""
    requires: tuple[str, ...] = ()
