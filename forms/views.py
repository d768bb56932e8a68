"""Owns what a page needs to know of a field to show it: a tree of plain values for the templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from engine.expressions import Message


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option of a choice; `token` is what the control sends for it."""

    id: str
    token: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FileView:
    """An attached file; `size` in bytes."""

    id: str
    name: str
    size: int
    type: str

    @property
    def pictured(self) -> bool:
        """Whether it may have a thumbnail."""
        return self.type in PICTURES


PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a list; `number` names its controls and outlives its `position`, which counts from 1.

    `folded`: it may be hidden until somebody asks for all rows.
    """

    id: str
    name: str
    number: int
    position: int
    folded: bool
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field as it is to be shown. `value` is the control's: text, or whether a checkbox is ticked.

    `type` is form-js's; `input` the HTML type of a single-line control; `id` is unique on the page and stays the same;
    `within`: the list row around it, for a summary; `focus`: put the focus here. Fields side by side: the first `opens`
    their line, the last `closes` it, and each takes `columns` of 16, or shares alike (0). `evidence` is the kind it
    holds; of a location `measured` is the hidden control's text, `place` its words, `value` the address typed instead.
    """

    type: str
    id: str
    name: str = ""
    path: str = ""
    label: str = ""
    within: str = ""
    hint: str = ""
    error: Message | None = None
    visible: bool = True
    required: bool = False
    readonly: bool = False
    sensitive: bool = False
    focus: bool = False
    columns: int = 0
    opens: bool = False
    closes: bool = False

    value: str | bool = ""
    input: str = "text"
    inputmode: str = ""
    autocomplete: str = ""
    prefix: str = ""
    suffix: str = ""
    low: str = ""
    high: str = ""
    step: str = ""
    max_length: int = 0
    time_label: str = ""
    time_value: str = ""

    options: tuple[OptionView, ...] = ()
    files: tuple[FileView, ...] = ()
    accept: str = ""
    most: int = 0

    evidence: str = ""
    least: int = 0
    after_opened: bool = False
    measured: str = ""
    place: str = ""
    map_link: str = ""
    why: str = ""

    children: tuple[FieldView, ...] = ()
    rows: tuple[RowView, ...] = ()
    changeable: bool = False
    outline: bool = False
    alignment: str = "start"

    html: str = ""
    height: int = 0

    @property
    def target(self) -> str:
        """The id of what a link to this field should focus."""
        if self.options and self.type != "select" and not self.readonly:
            return self.options[0].id
        if self.type == "dynamiclist":
            return f"{self.id}-add" if self.changeable else self.id
        return self.id

    @property
    def chosen(self) -> tuple[str, ...]:
        """The labels of what is chosen."""
        return tuple(option.label for option in self.options if option.chosen)

    @property
    def text(self) -> str:
        """What stands in a line, an area or a moment, as one text; "" where nothing does."""
        value = str(self.value).replace("T", " ") if self.input == "datetime-local" else self.value
        entered = " ".join(str(part) for part in (value, self.time_value) if part)
        return " ".join(filter(None, (self.prefix, entered, self.suffix))) if entered else ""

    @property
    def described_by(self) -> str:
        """The ids of what belongs to the control, as `aria-describedby` wants them."""
        sides = {} if self.readonly else {"prefix": self.prefix, "suffix": self.suffix}
        parts = {**sides, "hint": self.hint, "error": self.error}
        return " ".join(f"{self.id}-{name}" for name, part in parts.items() if part)

    @property
    def folds(self) -> bool:
        """Whether some rows may be hidden."""
        return any(row.folded for row in self.rows)

    @property
    def compact(self) -> bool:
        """Whether the options are few and short enough to stand in a row."""
        width = sum(1 if character.isascii() else 2 for option in self.options for character in option.label)
        return len(self.options) <= 6 and width <= 48


class Views(list[FieldView]):
    """The fields of a form to show."""

    @property
    def wrong(self) -> list[FieldView]:
        """The visible fields with an error, in the order of the form: what a summary links to."""
        return list(_wrong(self, ""))

    @property
    def cards(self) -> list[list[FieldView]]:
        """What each card of a page holds: a group alone, or what stands between groups.

        Lines and gaps part nothing at a card's edge, and what is only worked out is not seen: no card is made of them.
        """
        runs = groupby((view for view in self if view.visible), key=lambda view: view.type == "group" and view.id)
        cards = [list(run) if group else _within_edges(list(run)) for group, run in runs]
        return [card for card in cards if card]


def _within_edges(run: list[FieldView]) -> list[FieldView]:
    if all(view.type in _UNSEEN for view in run):
        return []
    full = [place for place, view in enumerate(run) if view.type not in _UNSEEN or view.opens or view.closes]
    return run[full[0] : full[-1] + 1]


_UNSEEN = frozenset({"separator", "spacer", "expression"})


def _wrong(views: Iterable[FieldView], within: str) -> Iterator[FieldView]:
    for view in views:
        if view.visible and view.error is not None:
            yield replace(view, within=within)
        yield from _wrong(view.children, within)
        for row in view.rows:
            yield from _wrong(row.fields, f"{view.label} {row.position}")


def every_view(views: Iterable[FieldView]) -> Iterator[FieldView]:
    """All views in order, containers before what they hold."""
    for view in views:
        yield view
        yield from every_view(view.children)
        for row in view.rows:
            yield from every_view(row.fields)


def in_lines(views: Sequence[FieldView], rows: Sequence[str]) -> tuple[FieldView, ...]:
    """The views with the marks of their lines: visible ones that follow each other and name the same row share one."""
    placed = list(views)
    shown = [position for position, view in enumerate(views) if view.visible]
    for _, line in groupby(shown, key=lambda position: rows[position] or position):
        first, *rest = line
        if rest:
            placed[first] = replace(placed[first], opens=True)
            placed[rest[-1]] = replace(placed[rest[-1]], closes=True)
    return tuple(placed)
