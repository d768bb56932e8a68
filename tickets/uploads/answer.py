"""Owns how a reading is told by the process that read it: as plain data whose every part is checked when it comes."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.definitions import Compiled, Report
from engine.expressions import Level, Message, Problem
from forms.source import digest
from tickets.assigning.role_checks import NamedRole
from tickets.uploads.reading import Reading


class Broken(Exception):
    """The answer is none that our own code would give."""


class _Said(msgspec.Struct, frozen=True, omit_defaults=True):
    text: str
    params: dict[str, _Said | str | int | float | bool | None] = {}


class _Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    level: Level
    code: str
    problem: _Said
    remedy: _Said
    element: str = ""
    name: str = ""
    line: int = 1
    file: str = ""
    path: tuple[tuple[str, str], ...] = ()


class _Answer(msgspec.Struct, frozen=True):
    accepted: bool
    problems: list[_Problem]
    definitions: list[tuple[str, Compiled]] = []
    forms: dict[str, dict[str, Any]] = {}
    processes: list[tuple[str, str]] = []
    roles: list[NamedRole] = []


def encode(reading: Reading) -> bytes:
    """The reading as JSON."""
    report = reading.report
    forms = {key: dict(source) for key, source in reading.forms.items()}
    problems = [_problem(each) for each in report.problems]
    named = list(reading.processes), list(reading.roles)
    return msgspec.json.encode(_Answer(report.accepted, problems, list(reading.definitions), forms, *named))


def decode(content: bytes) -> Reading:
    """The reading that was told; raises `Broken`, since whoever tells it has read what a stranger wrote."""
    try:
        answer = _DECODER.decode(content)
        problems = [_told(each) for each in answer.problems]
        forged = [key for key, source in answer.forms.items() if digest(source) != key]
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError, ValueError) as error:
        raise Broken(str(error)[:200]) from None
    if forged:
        raise Broken("a form is not the one it says it is")
    refused = any(each.level is Level.ERROR for each in problems)
    if refused == answer.accepted or (refused and answer.definitions):
        raise Broken("the report and what came of it differ")
    report, named = Report(problems, accepted=answer.accepted), (tuple(answer.processes), tuple(answer.roles))
    return Reading(report, tuple(answer.definitions), answer.forms, *named)


def _problem(found: Problem) -> _Problem:
    return _Problem(
        found.level,
        found.code,
        _said(found.problem),
        _said(found.remedy),
        found.element,
        found.name,
        found.line,
        found.file,
        found.path,
    )


def _said(message: Message) -> _Said:
    return _Said(message.text, {name: _param(value) for name, value in message.params.items()})


def _param(value: object) -> _Said | str | int | float | bool | None:
    if isinstance(value, Message):
        return _said(value)
    if value is None or type(value) in (bool, int, float):
        return value  # type: ignore[return-value]  # mypy does not narrow by the exact type
    return str(value)


def _told(found: _Problem) -> Problem:
    """Its words must be some that can be put together: they are shown as they are."""
    made = Problem(
        found.level,
        found.code,
        _message(found.problem),
        _message(found.remedy),
        found.element,
        found.name,
        found.line,
        found.file,
        found.path,
    )
    str(made.problem), str(made.remedy)
    return made


def _message(said: _Said) -> Message:
    params = {name: _message(value) if isinstance(value, _Said) else value for name, value in said.params.items()}
    return Message(said.text, params)


_DECODER = msgspec.json.Decoder(_Answer)
"""Made once, when the module is loaded: msgspec 0.22 crashes when two threads at once are the first to make one."""
