"""Forms and tables made to harm whoever reads them: each is refused, or told of, with its file and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from engine.expressions import Level
from engine.step import World
from forms import read_form
from forms.fields import TextField
from tests.engine.build import chain, end, start
from tests.tickets.play import files, form, staff, text
from tickets.uploads.reading import Reading, Upload, read_here

WORLD = World(datetime(2026, 11, 22, tzinfo=UTC))
PROCESS = files(start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"))


def read(**beside: bytes) -> Reading:
    upload = {**PROCESS, **{name.replace("__", "."): content for name, content in beside.items()}}
    return read_here(Upload(upload, WORLD), lambda _: None)


def group(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = text("a", id="a")
    for number in range(depth):
        made = {"type": "group", "id": f"g{number}", "components": [made]}
    return made


def pattern(source: str) -> bytes:
    return form(text("a", validate={"pattern": source}))


def dmn(inner: str) -> bytes:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{inner}\n</definitions>'.encode()


def table(ident: str, rules: int, requires: str = "") -> str:
    needs = (
        f'<informationRequirement id="r{ident}"><requiredDecision href="#{requires}"/></informationRequirement>'
        if requires
        else ""
    )
    told = "<outputEntry><text>1</text></outputEntry>"
    rows = "".join(
        f'<rule id="{ident}r{n}"><inputEntry><text>{n}</text></inputEntry>{told}</rule>' for n in range(rules)
    )
    return (
        f'<decision id="{ident}" name="{ident}">{needs}<decisionTable id="t{ident}"><input id="i{ident}">'
        f'<inputExpression><text>n</text></inputExpression></input><output id="o{ident}" name="x"/>{rows}'
        "</decisionTable></decision>"
    )


DEEP = b'{"components": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
REFUSED: Mapping[str, dict[str, bytes]] = {
    "a form nested without end": {"ask__form": DEEP},
    "groups in groups": {"ask__form": form(group(110))},
    "very many entries": {"ask__form": form(*(text(f"a{n}") for n in range(20_000)))},
    "very many forms": {f"f{n}__form": form(*(text(f"a{m}") for m in range(400))) for n in range(60)},
    "a number without end": {"ask__form": b'{"components": [' + b"9" * 1_000_000 + b"]}"},
    "a text without end": {"ask__form": orjson.dumps({"type": "default", "components": [], "x": "a" * 4_000_000})},
    "no JSON": {"ask__form": b"{" * 1_000},
    "no text": {"ask__form": b"\xff\xfe\x00{"},
    "a table with a document type": {"t__dmn": b'<!DOCTYPE d [<!ENTITY a "b">]>' + dmn(table("a", 1))},
    "a table nested without end": {"t__dmn": dmn("<a>" * 10_000 + "</a>" * 10_000)},
    "tables that ask each other": {"t__dmn": dmn(table("a", 1, "b") + table("b", 1, "a"))},
    "a table that asks itself": {"t__dmn": dmn(table("a", 1, "a"))},
    "tables without end": {"t__dmn": dmn("".join(table(f"a{n}", 50) for n in range(400)))},
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_its_file_and_a_remedy(what: str) -> None:
    reading = read(**REFUSED[what])
    errors = [problem for problem in reading.report.problems if problem.level is Level.ERROR]
    assert errors
    assert not reading.report.accepted
    assert all(str(problem.problem) and str(problem.remedy) for problem in errors)
    assert reading.definitions == ()


@pytest.mark.parametrize(
    "source",
    [r"(a)\1", "(?=a)b", "(?<!a)b", "((a{900}){900}){900}", "(" * 5_000, "a{99999}", "a" * 5_000, "[z-a]", "(?P<a>"],
)
def test_a_pattern_that_could_not_be_matched_in_linear_time_is_told_of(source: str) -> None:
    reading = read(ask__form=pattern(source))
    assert "pattern" in [problem.code for problem in reading.report.problems]


@pytest.mark.parametrize("source", ["^(a+)+$", "^(a|a)*$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_others_choke_on_takes_as_long_as_its_text(source: str) -> None:
    reading = read(ask__form=pattern(source))
    assert reading.report.accepted
    (made,) = reading.forms.values()
    (field,) = read_form(made)[0].fields
    assert isinstance(field, TextField)
    assert field.pattern is not None
    assert not field.pattern.matches("a" * 100_000 + "#")
