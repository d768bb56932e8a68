"""Owns the normal form of decisions: what DMN files are read into, and versions store beside their process."""

from __future__ import annotations

import msgspec


class Clause(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column: an input's expression, or an output's name.

    `type` is DMN's base type, empty for any; `language` is the one its cells are read in first: feel, juel or python.
    `values` are an output's values as FEEL expressions, the most important first; `default` is one too.
    """

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
    """One decision: a table, or a literal expression; `requires` are the decisions whose results it reads.

    `names` are the names of its inputs and decisions that FEEL would not read as names by themselves.
    """

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
    language: str = "feel"
    requires: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
