"""Owns what a form is made of: fields as read and compiled, never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from engine.expressions import Expression
from forms.templating import EMPTY, Template
from forms.texts import Pattern


class Kind(StrEnum):
    """The form-js types that are accepted."""

    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATETIME = "datetime"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    RADIO = "radio"
    SELECT = "select"
    TAGLIST = "taglist"
    FILEPICKER = "filepicker"
    EXPRESSION = "expression"
    GROUP = "group"
    DYNAMICLIST = "dynamiclist"
    TEXT = "text"
    SEPARATOR = "separator"
    SPACER = "spacer"


MANY: Final = frozenset({Kind.CHECKLIST, Kind.TAGLIST})
"""Kinds whose value is a list of options."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the form: as written, and in other languages (the properties `label.en` and the like)."""

    own: Template = EMPTY
    others: Mapping[str, Template] = field(default_factory=dict)

    def pick(self, lang: str) -> Template:
        """The text in a language such as "zh" or "en", else as written."""
        return self.others.get(lang, self.own)

    def expressions(self) -> Iterator[Expression]:
        """Every expression in it, in any language."""
        for template in (self.own, *self.others.values()):
            yield from template.expressions()


Limit = Decimal | Expression | None
"""A bound: a number, FEEL that gives one, or none."""
Flag = bool | Expression
"""A switch: on or off, or FEEL; only true switches it on."""


class EvidenceKind(StrEnum):
    """What a field holds to prove that a step was done."""

    PHOTO = "photo"
    FILE = "file"
    SIGNIN = "signin"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a field proves, and with how many at least (0: its task says) and at most (0: as many as the field takes).

    `after_opened`: it must come from after its task opened.
    """

    kind: EvidenceKind
    least: int = 0
    most: int = 0
    after_opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What every field has. `path` leads from its list row, or the form, to its value; empty if it has none."""

    kind: Kind
    id: str = ""
    path: tuple[str, ...] = ()
    label: Words = Words()
    hint: Words = Words()
    hide: Flag = False
    row: str = ""
    columns: int = 0
    properties: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence | None = None

    @property
    def key(self) -> str:
        """The path as written: `device.model`."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputField(Field):
    """A field with a value of its own; `default`, or what a template gives, stands in while there is none."""

    readonly: Flag = False
    disabled: Flag = False
    required: bool = False
    default: Any = None
    computed_default: Expression | None = None

    @property
    def sensitive(self) -> bool:
        """Whether its value is masked in lists, exports and logs."""
        return self.properties.get("sensitive", "").strip().lower() in {"true", "1", "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(InputField):
    """textfield (one line) or textarea; lengths count characters without the spaces around."""

    min_length: Limit = None
    max_length: Limit = None
    pattern: Pattern | None = None
    pattern_message: Mapping[str, str] = field(default_factory=dict)
    """What is said to a text that the pattern does not match: as written (""), in other languages; or nothing."""
    standard: str = ""
    prefix: Template = EMPTY
    suffix: Template = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(InputField):
    """number: a JSON number, or text with `as_text`; at most `digits` after the point; a multiple of `increment`."""

    min: Limit = None
    max: Limit = None
    digits: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    prefix: Template = EMPTY
    suffix: Template = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationField(InputField):
    """A textfield that says where somebody is: measured by their device, or in words with why it could not be.

    Its value is {"lat", "lon", "accuracy" (metres), "at" (ISO 8601)}, or {"address", "why"}.
    """


class Subtype(StrEnum):
    """What a datetime field asks for."""

    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"


class TimeFormat(StrEnum):
    """How a time is written in its value (form-js: timeSerializingFormat)."""

    UTC_OFFSET = "utc_offset"
    UTC_NORMALIZED = "utc_normalized"
    NO_TIMEZONE = "no_timezone"


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentField(InputField):
    """datetime: `label` is the date's, `time_label` the time's; `interval` in minutes, 0 for any time."""

    subtype: Subtype = Subtype.DATE
    time_label: Words = Words()
    time_format: TimeFormat = TimeFormat.NO_TIMEZONE
    interval: int = 0
    no_past: bool = False
    no_future: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its JSON value and its label, in other languages too."""

    value: Any
    label: str
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(InputField):
    """radio, select, checklist, taglist: options written here, found in the data under a key, or worked out."""

    options: tuple[Option, ...] = ()
    values_key: str = ""
    values_expression: Expression | None = None
    searchable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField(InputField):
    """filepicker: a list of stored files. `accept` as in HTML; one file unless `multiple`."""

    accept: Template = EMPTY
    multiple: Flag = False
    most: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedField(InputField):
    """expression: worked out, never taken from anyone; on every change, or when the form is sent."""

    expression: Expression | None = None
    on_send: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Field):
    """group: fields together, their values under `path` if it has one."""

    fields: tuple[Field, ...] = ()
    outline: bool = True
    alignment: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListField(Field):
    """dynamiclist: the same fields, once per row; rows beyond `open_rows` start folded away (0: none do)."""

    fields: tuple[Field, ...] = ()
    default_rows: int = 1
    changeable: bool = True
    open_rows: int = 5
    outline: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView(Field):
    """text: Markdown with templates."""

    text: Words = Words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Field):
    """separator, or spacer with a height in pixels."""

    height: int = 0
