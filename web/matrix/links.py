"""Owns the addresses within the matrix: the same question with something changed, and from a cell to its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for

from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.counting import Rows
from tickets.standards.matrix.reading import Line, Matrix
from tickets.standards.matrix.scope import Column
from tickets.standards.matrix.states import State


@dataclass(frozen=True)
class Links:
    """Of a page whose address is `endpoint` with `values`, and the question that it answers."""

    endpoint: str
    values: Mapping[str, Any]
    asked: Asked

    @property
    def action(self) -> str:
        """Where the form of filters goes."""
        return self._address(self.endpoint)

    def with_(self, **changes: Any) -> str:
        """This page, something of the question changed."""
        return self.to(self.endpoint, **changes)

    def to(self, endpoint: str, **changes: Any) -> str:
        """Another page of the standard with the same question, something of it changed."""
        return f"{self._address(endpoint)}?{written(self.asked.but(**changes))}"

    def toggled(self, state: State) -> str:
        """This page with a state more, or one less."""
        return self.with_(states=self.asked.states ^ {state})

    def page(self, number: int) -> str:
        return f"{self.with_()}&page={number}"

    def after(self, cursor: str) -> str:
        return f"{self.with_()}&cursor={cursor}"

    def into(self, line: Line, found: Matrix) -> str:
        """One row further down."""
        if found.rows_are is Rows.SUBJECTS:
            return self.with_(subject=line.public_id, text="")
        return self.with_(place=line.public_id, by="")

    def cell(self, line: Line, found: Matrix, column: Column | None) -> str:
        """The list behind a cell, or behind a row's total."""
        of_row = ""
        if not line.id:  # the total of all rows
            if found.place is not None and found.rows_are is not Rows.OCCURRENCES:
                of_row = f"&place={found.place.public_id}" + ("&by=here" if self.asked.by == "here" else "")
        elif found.rows_are is Rows.OCCURRENCES:
            of_row = f"&occurrence={line.public_id}"
        elif found.rows_are is Rows.SUBJECTS:
            of_row = f"&subject={line.public_id}"
        else:
            of_row = f"&place={line.public_id}" + ("" if line.below else "&by=here")
        return f"{self._behind}{of_row}{_step(column) if column else self._steps}"

    def standard(self, public_id: UUID, line: Line | None) -> str:
        """From the matrix of all standards into one, at that place."""
        place = line.public_id if line is not None and line.id else self.asked.place
        by = "" if line is None or line.below or not line.id else "here"
        address = url_for("matrix.page", standard_id=public_id)
        return f"{address}?{written(self.asked.but(place=place, by=by, states=frozenset()))}"

    @cached_property
    def _behind(self) -> str:
        """The list's address up to what a row and a column add; made once, as a page has hundreds."""
        at = {"subject": self.asked.subject} if self.asked.subject else {}
        return self.to("matrix.records", place=self.asked.place if at else None, by="", steps=frozenset())

    @cached_property
    def _steps(self) -> str:
        return "".join(f"&{urlencode({'step': key})}" for key in sorted(self.asked.steps))

    def _address(self, endpoint: str) -> str:
        return url_for(endpoint, **self.values)


def written(asked: Asked) -> str:
    """A question as an address says it."""
    return urlencode(list(asked.pairs()))


def _step(column: Column) -> str:
    return f"&{urlencode({'step': column.key})}"
