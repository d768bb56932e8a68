"""Owns a person's facts as they come from a form, a file or another system: read, checked, nothing looked up yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.expressions import N_, Message
from tickets.people import normal_login
from tickets.preferences import CHOICES
from tickets.texts import EMPTY, line_problem

BAD_LOGIN = N_("A login has 1 to 64 letters, digits and . _ @ + -, and starts with a letter or digit.")
MOST_ROLES = 20


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What somebody says of a person. Texts are clean; `place` and `superior` are not looked up, nor are the roles.

    `given` are the fields that were said at all; the others stay as they are. `renamed` is the login they get.
    """

    login: str
    given: frozenset[str]
    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    place: str = ""
    superior: str = ""
    language: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    """Role and place each; an empty place is their own."""
    renamed: str = field(default="")


def read_facts(
    login: str, values: Mapping[str, object], *, renamed: str = ""
) -> tuple[PersonFacts, dict[str, Message]]:
    """What can be read without looking anything up, and by field what is wrong with the rest."""
    errors: dict[str, Message] = {}
    known = normal_login(login)
    if known is None:
        errors["login"] = Message(BAD_LOGIN) if login.strip() else Message(EMPTY)
    new_login = normal_login(renamed) if renamed else known
    if new_login is None and "login" not in errors:
        errors["login"] = Message(BAD_LOGIN)
    read: dict[str, Any] = {}
    for name, value in values.items():
        try:
            read[name] = READERS[name](value)
        except ValueError as problem:
            errors[name] = problem.args[0]
    return PersonFacts(known or "", frozenset(read), renamed=new_login or "", **read), errors


def parse_roles(text: str) -> list[tuple[str, str]]:
    """A cell's roles: `consultant@sz-nanshan; requester`, each at a place or, without one, at the person's own."""
    parts = (part.strip() for part in re.split(r"[;；\n]", text))
    split = (re.split(r"[@＠]", part, maxsplit=1) for part in parts if part)
    return [(pieces[0].strip(), pieces[1].strip() if len(pieces) > 1 else "") for pieces in split]


def _line(longest: int, *, needed: bool = False) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _text(value)
        if (text or needed) and (problem := line_problem(text, longest)):
            raise ValueError(problem)
        return text

    return read


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(Message(N_("It must be a text.")))  # noqa: TRY004 - told to whoever sent it
    return value.strip()


def _email(value: object) -> str:
    text = _line(254)(value)
    if text and not re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+", text):
        raise ValueError(Message(N_("This is no e-mail address; write it like li.na@qiming.example.")))
    return text


def _phone(value: object) -> str:
    text = re.sub(r"[\s().–-]", "", _line(40)(value))
    if text and not re.fullmatch(r"\+?[0-9]{3,20}", text):
        raise ValueError(
            Message(N_("This is no phone number; write digits, such as 13800138000 or +86 755 8888 6666."))
        )
    return text


def _superior(value: object) -> str:
    text = _text(value)
    login = normal_login(text)
    if text and login is None:
        raise ValueError(Message(N_("The superior is written as their login.")))
    return login or ""


def _language(value: object) -> str:
    text = _text(value)
    if text and text not in CHOICES["language"]:
        raise ValueError(Message(N_("The language is zh or en, or empty for the browser's.")))
    return text


def _roles(value: object) -> tuple[tuple[str, str], ...]:
    pairs = parse_roles(value) if isinstance(value, str) else value
    if not isinstance(pairs, list | tuple) or len(pairs) > MOST_ROLES:
        raise ValueError(Message(N_("Name at most %(most)s roles for a person."), {"most": MOST_ROLES}))
    read = []
    for role, place in pairs:
        if line_problem(role, 100) or (place and line_problem(place, 200)):
            raise ValueError(Message(N_("A role is written as its key or name, @ and a place: consultant@sz-nanshan.")))
        read.append((role.strip(), place.strip()))
    return tuple(dict.fromkeys(read))


READERS: Mapping[str, Callable[[object], object]] = {
    "name": _line(100, needed=True),
    "email": _email,
    "phone": _phone,
    "title": _line(100),
    "place": _line(200, needed=True),
    "superior": _superior,
    "language": _language,
    "roles": _roles,
}
"""How each field is read; a reader raises ValueError with the message that says how to mend it."""
