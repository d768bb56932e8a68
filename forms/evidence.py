"""Owns evidence in forms: which fields hold what, how many they need, and what they say when it is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.expressions import N_, Message
from forms.component import Component
from forms.fields import (
    MANY,
    Evidence,
    EvidenceKind,
    Field,
    FileField,
    InputField,
    Kind,
    ListField,
    MomentField,
    TextField,
)

HOLDS: Final[Mapping[Kind, frozenset[EvidenceKind]]] = {
    Kind.FILEPICKER: frozenset({EvidenceKind.PHOTO, EvidenceKind.FILE}),
    Kind.DYNAMICLIST: frozenset({EvidenceKind.SIGNIN}),
    Kind.CHECKLIST: frozenset({EvidenceKind.SIGNIN}),
    Kind.TAGLIST: frozenset({EvidenceKind.SIGNIN}),
    Kind.TEXTFIELD: frozenset({EvidenceKind.LOCATION}),
}
"""Which kinds of evidence fit into which fields."""
MOST: Final[Mapping[EvidenceKind, int]] = {
    EvidenceKind.PHOTO: 50,
    EvidenceKind.FILE: 50,
    EvidenceKind.SIGNIN: 200,
    EvidenceKind.LOCATION: 1,
}
"""As many as a field can ever hold."""
PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
"""What counts as a photo: what every browser shows and phones send (they turn HEIC into JPEG when asked for that)."""
PHOTO_ACCEPT: Final = ",".join(PHOTO_TYPES)

NEEDED: Final[Mapping[str, str]] = {
    "photo": N_("Photos: %(least)d needed, %(count)d so far"),
    "file": N_("Files: %(least)d needed, %(count)d so far"),
    "signin": N_("Names signed in: %(least)d needed, %(count)d so far"),
    "location": N_("The location is missing: take it, or write where you are and why it can't be taken"),
    "confirmation": N_("Confirmations by others: %(least)d needed, %(count)d so far"),
}
"""What is said when there is too little of a kind."""
HEIC: Final = N_(
    "“%(name)s” is a HEIC picture, which browsers don't show. Send it as JPEG: on an iPhone choose Settings, Camera, "
    "Formats, Most Compatible and take it again, or share it with the option Most Compatible"
)
NO_PHOTO: Final = N_("“%(name)s” is not a photo; attach a JPEG, PNG or WebP picture")


def read_evidence(component: Component, kind: Kind, properties: Mapping[str, str]) -> Evidence | None:
    """What the properties `evidence`, `min`, `max` and `after` ask of a field; senseless ones are reported."""
    name = properties.get("evidence", "").strip()
    if not name:
        return None
    if name not in set(EvidenceKind):
        known = ", ".join(EvidenceKind)
        problem = N_("There is no kind of evidence called “%(name)s”.")
        if name == "confirmation":
            component.error("evidence", problem, N_("A confirmation is no field: ask for it on the task."), name=name)
        else:
            component.error("evidence", problem, N_("Use one of: %(known)s."), name=name[:100], known=known)
        return None
    found = EvidenceKind(name)
    if found not in HOLDS.get(kind, ()):
        fits = ", ".join(str(each) for each, kinds in HOLDS.items() if found in kinds)
        problem = N_("A field of type “%(type)s” can't hold the evidence “%(name)s”.")
        component.error(
            "evidence-field", problem, N_("Use a field of type: %(fits)s."), type=kind, name=name, fits=fits
        )
        return None
    least, most = _count(component, properties, "min", found), _count(component, properties, "max", found)
    if least and most and least > most:
        problem = N_("No value is possible: %(low_name)s is %(low)s and %(high_name)s is %(high)s.")
        names = {"low": least, "high": most, "low_name": "min", "high_name": "max"}
        component.error("impossible-limits", problem, N_("Make %(low_name)s at most %(high_name)s."), **names)
        least = most
    return Evidence(found, least, most, _after(component, properties, found))


def _count(component: Component, properties: Mapping[str, str], name: str, kind: EvidenceKind) -> int:
    text, most = properties.get(name, "").strip(), MOST[kind]
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= most:
        return int(text)
    problem = N_("“%(property)s” is %(value)s.")
    remedy = N_("Set it to a whole number from %(low)d to %(high)d.")
    component.error("out-of-range", problem, remedy, property=name, value=text[:50], low=1, high=most)
    return 0


def _after(component: Component, properties: Mapping[str, str], kind: EvidenceKind) -> bool:
    after = properties.get("after", "").strip()
    if after in ("", "opened") and not (after and kind in (EvidenceKind.FILE, EvidenceKind.SIGNIN)):
        return after == "opened"
    problem = N_("“%(property)s” is “%(value)s”.")
    remedy = N_("Write “opened” on photos and locations that must come from after the task opened, else nothing.")
    component.error("evidence-after", problem, remedy, property="after", value=after[:50])
    return False


def count_of(field: Field, value: object) -> int:
    """How many of its kind a field's value holds: files, names signed in, one location."""
    if isinstance(field, ListField):
        return signed(field, value)
    if isinstance(field, FileField) or field.kind in MANY:
        return len(value) if isinstance(value, list | tuple) else 0
    return 1 if value else 0


def signed(field: ListField, rows: object) -> int:
    """How many rows of a sign-in list count: those with a name and, where it asks for more, a time, tick or file."""
    names = [each for each in field.fields if isinstance(each, TextField)][:1]
    marks = [
        each
        for each in field.fields
        if isinstance(each, MomentField | FileField) or (isinstance(each, InputField) and each.kind is Kind.CHECKBOX)
    ]
    return sum(
        all(_at(row, each) for each in names) and (not marks or any(_at(row, each) for each in marks))
        for row in (rows if isinstance(rows, list | tuple) else ())
    )


def _at(row: object, field: Field) -> Any:
    for name in field.path:
        row = row.get(name) if isinstance(row, Mapping) else None
    return row.strip() if isinstance(row, str) else row


def check_count(field: Field, value: object, *, required: bool = False) -> Message | None:
    """Why a field's value is too little or too much of its kind of evidence, or None."""
    if field.evidence is None:
        return None
    evidence, count = field.evidence, count_of(field, value)
    least = max(evidence.least, int(required))
    if count < least:
        return missing(evidence.kind, least, count)
    if evidence.most and count > evidence.most:
        return Message(
            N_("At most %(most)d are taken here; there are %(count)d"), {"most": evidence.most, "count": count}
        )
    return None


def missing(kind: str, least: int, count: int) -> Message:
    """What is said of evidence that is not all there; `kind` may be "confirmation" too."""
    return Message(NEEDED[kind], {"least": least, "count": count})


def check_photos(files: Sequence[Mapping[str, Any]]) -> Message | None:
    """Why one of these files can't be a photo, by its type as it was sniffed."""
    for file in files:
        name, kind = str(file.get("name") or ""), str(file.get("type") or "")
        if kind in ("image/heic", "image/heif") or (
            kind not in PHOTO_TYPES and name.lower().endswith((".heic", ".heif"))
        ):
            return Message(HEIC, {"name": name})
        if kind not in PHOTO_TYPES:
            return Message(NO_PHOTO, {"name": name})
    return None


def most_of(evidence: Evidence | None, usual: int) -> int:
    """How many files a field takes."""
    if evidence is None:
        return usual
    return min(evidence.most or max(usual, evidence.least), MOST[evidence.kind])


def several(evidence: Evidence | None) -> bool:
    """Whether a field takes more than one file because of what it proves."""
    return evidence is not None and (evidence.least > 1 or evidence.most > 1)
