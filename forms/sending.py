"""Owns what is sent to a form: where a field's part lies in an HTML post, in JSON, or in values shown again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from forms.fields import FileField, InputField, ListField, LocationField, MomentField, Subtype
from forms.files import KEPT, NOT_FILES, FilePorts, Stored, Upload, read_files, too_many
from forms.locations import AT, WHY
from forms.paths import ABSENT, pick
from forms.values import Reading, from_json, from_texts

ADD: Final = "_add"
REMOVE: Final = "_remove"
DROP: Final = "_drop"
WRONG: Final = "_wrong"
TIME: Final = ":time"
ROW: Final = "_row"
"""In values to be shown again: the number that a list row's controls are named by, which outlives its position."""
MAX_ROWS: Final = 200

_ROW_NUMBER: Final = re.compile(r"\d{1,6}", re.ASCII)


class Source(Protocol):
    """What was sent, seen from the form or from one list row."""

    def given(self, field: InputField, name: str, before: object) -> Reading | None:
        """What was sent for a field, whose control is called `name`; None if nothing was."""
        ...

    def rows(self, field: ListField, name: str, before: int, usual: int) -> list[tuple[int, Source]] | None:
        """The rows sent for a list: the number of each, and what was sent for it; None if nothing was.

        The data had `before` rows; the list shows `usual` of them while nobody changes that.
        """
        ...


@dataclass(frozen=True, slots=True)
class HtmlSource:
    """The names and values of a posted HTML form."""

    items: Mapping[str, Sequence[str | Upload]]
    now: datetime
    ports: FilePorts

    @classmethod
    def of(cls, items: Iterable[tuple[str, str | Upload]], now: datetime, ports: FilePorts) -> HtmlSource:
        grouped: dict[str, list[str | Upload]] = {}
        for name, value in items:
            grouped.setdefault(name, []).append(value)
        return cls(grouped, now, ports)

    def texts(self, name: str) -> list[str]:
        return [value for value in self.items.get(name, ()) if isinstance(value, str)]

    def given(self, field: InputField, name: str, before: object) -> Reading | None:
        if isinstance(field, FileField):
            return self._files(field, name, before)
        texts = self.texts(name)
        if isinstance(field, MomentField):
            times = self.texts(name + TIME) if field.subtype is Subtype.DATETIME else []
            texts = texts[:1] + times[:1] if texts else []
        if isinstance(field, LocationField) and texts:
            texts = [(self.texts(each) or [""])[0] for each in (name, name + AT, name + WHY)]
        return from_texts(field, texts, self.now) if texts else None

    def _files(self, field: FileField, name: str, before: object) -> Reading | None:
        if name not in self.items and name + KEPT not in self.items:
            return None
        uploads = [value for value in self.items.get(name, ()) if not isinstance(value, str) and value.filename]
        dropped = {text.removeprefix(f"{name}:") for text in self.texts(DROP) if text.startswith(f"{name}:")}
        kept = [text for text in self.texts(name + KEPT) if text and text not in dropped][: field.most + 1]
        files, error = read_files(self.ports, kept, uploads, stored_files(before), field.most if field.multiple else 1)
        return Reading(files, error, files)

    def rows(self, field: ListField, name: str, before: int, usual: int) -> list[tuple[int, Source]] | None:
        numbers = self._numbers(name)
        if numbers is None:
            return None
        if not field.changeable:
            return [(number, self) for number in range(usual)]
        gone = set(self.texts(REMOVE))
        numbers = [number for number in numbers if f"{name}[{number}]" not in gone]
        if name in self.texts(ADD) and len(numbers) < MAX_ROWS:
            numbers.append(_free_number(numbers, before))
        return [(number, self) for number in numbers]

    def _numbers(self, name: str) -> list[int] | None:
        """The rows' numbers, from the marks that a page leaves for each row, else from the names of their controls."""
        marks = self.texts(name)
        if not marks:
            start = f"{name}["
            marks = [item[len(start) :].partition("]")[0] for item in self.items if item.startswith(start)]
            marks.sort(key=lambda mark: (len(mark), mark))
        if not marks:
            return None
        return list(dict.fromkeys(int(mark) for mark in marks if _ROW_NUMBER.fullmatch(mark)))


def _free_number(numbers: Sequence[int], before: int) -> int:
    """A number for a new row, that no row has or, in the data before, had."""
    following = max([*numbers, before - 1]) + 1 if numbers or before else 0
    return following if following < 10**6 else next(number for number in range(before, 10**6) if number not in numbers)


@dataclass(frozen=True, slots=True)
class JsonSource:
    """Values as an API sends them."""

    values: Mapping[str, Any]
    now: datetime
    ports: FilePorts

    def given(self, field: InputField, name: str, before: object) -> Reading | None:
        value = pick(self.values, field.path)
        if value is ABSENT:
            return None
        if isinstance(field, FileField):
            return self._files(field, value, before)
        return from_json(field, value, self.now)

    def _files(self, field: FileField, value: object, before: object) -> Reading:
        if value is None:
            return Reading([])
        if not isinstance(value, list | tuple):
            return Reading([], NOT_FILES)
        if len(value) > field.most:
            return Reading([], too_many(field.most))
        ids = [part.get("id") if isinstance(part, Mapping) else part for part in value]
        files, error = read_files(self.ports, ids, (), stored_files(before), field.most)
        return Reading(files, error)

    def rows(self, field: ListField, name: str, before: int, usual: int) -> list[tuple[int, Source]] | None:
        value = pick(self.values, field.path)
        if value is ABSENT:
            return None
        rows = value if isinstance(value, list | tuple) else ()
        return [
            (number, JsonSource(row if isinstance(row, Mapping) else {}, self.now, self.ports))
            for number, row in enumerate(rows)
        ]


@dataclass(frozen=True, slots=True)
class ShownSource:
    """Values to show: those of a draft, or what was sent and is shown again because something in it is wrong."""

    values: Mapping[str, Any]
    now: datetime

    def given(self, field: InputField, name: str, before: object) -> Reading | None:
        value = pick(self.values, field.path)
        if value is ABSENT:
            return None
        if isinstance(field, FileField):
            return Reading(stored_files(value))
        return from_json(field, value, self.now)

    def rows(self, field: ListField, name: str, before: int, usual: int) -> list[tuple[int, Source]] | None:
        value = pick(self.values, field.path)
        if not isinstance(value, list | tuple):
            return None
        rows: dict[int, Source] = {}
        for position, row in enumerate(value):
            inside = row if isinstance(row, Mapping) else {}
            number = inside.get(ROW)
            if not isinstance(number, int) or number in rows or not 0 <= number < 10**6:
                number = position if position not in rows else max(rows) + 1
            rows[number] = ShownSource(inside, self.now)
        return list(rows.items())


def stored_files(value: object) -> list[Stored]:
    """The stored files in a value of the data."""
    return (
        [part for part in value if isinstance(part, Mapping) and "id" in part]
        if isinstance(value, list | tuple)
        else []
    )


@dataclass(frozen=True, slots=True)
class _Nothing:
    """A row in which nothing was sent."""

    def given(self, field: InputField, name: str, before: object) -> Reading | None:
        return None

    def rows(self, field: ListField, name: str, before: int, usual: int) -> list[tuple[int, Source]] | None:
        return None


NOTHING: Final = _Nothing()
