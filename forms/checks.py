"""Owns what a value must satisfy: required, limits, patterns, types of files."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from engine.expressions import N_, Message
from forms.evidence import check_count, check_photos
from forms.fields import MANY, EvidenceKind, FileField, InputField, Kind, MomentField, NumberField, Subtype, TextField
from forms.files import check_files
from forms.moments import check_moment
from forms.nodes import Node
from forms.numbers import bound, check_number
from forms.scope import Scope
from forms.texts import STANDARD

NEEDED: Final = Message(N_("Fill this in"))
_NEEDED: Final = {
    Kind.CHECKBOX: Message(N_("Tick this to go on")),
    Kind.CHECKLIST: Message(N_("Choose at least one")),
    Kind.TAGLIST: Message(N_("Choose at least one")),
    Kind.RADIO: Message(N_("Choose one")),
    Kind.SELECT: Message(N_("Choose one")),
    Kind.FILEPICKER: Message(N_("Attach a file")),
}
_NEEDED_MOMENT: Final = {
    Subtype.DATE: Message(N_("Give a date")),
    Subtype.TIME: Message(N_("Give a time")),
    Subtype.DATETIME: Message(N_("Give a date and a time")),
}


def check(node: Node, field: InputField, now: datetime) -> Message | None:
    """Why the value of a visible field that is not locked is not accepted, or None."""
    if node.error is not None:
        return node.error
    if (error := _check_kind(node, field) or check_count(field, node.value, required=field.required)) is not None:
        return error
    if _is_empty(node.value, field):
        return _needed(field) if field.required else None
    match field:
        case TextField():
            return _check_text(node.value, field, node.scope)
        case NumberField():
            return check_number(node.value, field, node.scope)
        case MomentField():
            unchanged = node.stored is not None and node.stored.value == node.value
            return None if unchanged else check_moment(node.value, field, now)
        case FileField():
            return check_files(node.value, field, node.scope)
    return None


def _check_kind(node: Node, field: InputField) -> Message | None:
    photos = field.evidence is not None and field.evidence.kind is EvidenceKind.PHOTO
    return check_photos(node.value) if photos and isinstance(node.value, list) else None


def _is_empty(value: Any, field: InputField) -> bool:
    if field.kind in MANY or isinstance(field, FileField):
        return not value
    if field.kind is Kind.CHECKBOX:
        return value is not True
    return value is None or value == ""


def _needed(field: InputField) -> Message:
    if isinstance(field, MomentField):
        return _NEEDED_MOMENT[field.subtype]
    return _NEEDED.get(field.kind, NEEDED)


def _check_text(text: str, field: TextField, scope: Scope) -> Message | None:
    length = len(text.strip())
    if field.required and not length:
        return NEEDED
    low, high = bound(field.min_length, scope), bound(field.max_length, scope)
    if low is not None and length < low:
        return Message(
            N_("Write at least %(limit)d characters; now there are %(count)d"), {"limit": int(low), "count": length}
        )
    if high is not None and length > high:
        return Message(
            N_("Write at most %(limit)d characters; now there are %(count)d"), {"limit": int(high), "count": length}
        )
    if field.pattern is not None and not field.pattern.matches(text):
        return _mismatch(field, field.pattern.source)
    if field.standard and not STANDARD[field.standard][0].matches(text.strip()):
        return STANDARD[field.standard][1]
    return None


def _mismatch(field: TextField, pattern: str) -> Message:
    if field.pattern_message:
        return Message("%(message)s", {"message": field.pattern_message})
    if example := field.properties.get("example"):
        return Message(
            N_("This does not have the form that is expected. An example: %(example)s"), {"example": example}
        )
    return Message(N_("This does not have the form that is expected: %(pattern)s"), {"pattern": pattern})
