"""Whatever is sent: no exception, no value that the form does not allow, and what is accepted stays accepted."""

from __future__ import annotations

import string
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions import Level, Problem
from forms import Form, display, read_form
from forms.fields import Kind
from forms.plain import is_plain
from tests.forms.build import NOW, Upload, component, form, post, send, values
from tests.forms.pages import markup

FILES = {"p1": {"id": "p1", "name": "a.png", "size": 5, "type": "image/png"}}
BEFORE: dict[str, Any] = {"locked": "data", "files": [FILES["p1"]], "l": [{"x": "old", "extra": 1}]}


def everything() -> Form:
    """A form with every kind of field, whose conditions and options depend on each other."""
    rows = [
        component("textfield", "x", validate={"maxLength": 5}),
        component("select", "s", values=values("x", "y"), conditional={"hide": "= this.x = null"}),
        component("dynamiclist", "inner", components=[component("number", "n", validate={"min": 0})]),
    ]
    return form(
        component("textfield", "a", validate={"required": True, "pattern": "^[a-z]*$"}),
        component("textarea", "b", defaultValue="b", validate={"minLength": "= n"}),
        component("number", "n", decimalDigits=1, increment="0.5", validate={"min": -10, "max": 10}),
        component("number", "text", serializeToString=True),
        component("datetime", "day", disallowPassedDates=True),
        component("datetime", "clock", subtype="time", timeSerializingFormat="utc_normalized", timeInterval=5),
        component("datetime", "moment", subtype="datetime", timeSerializingFormat="utc_offset"),
        component("checkbox", "yes", defaultValue=True),
        component(
            "radio", "one", values=["x", 1, True, {"label": "o", "value": {"k": 1}}], conditional={"hide": "= n > 5"}
        ),
        component("select", "two", valuesExpression='= if yes then ["p", "q"] else [1, 2]'),
        component("checklist", "many", values=values("x", "y")),
        component("taglist", "tags", valuesKey="tags"),
        component("filepicker", "files", multiple=True, accept=".png"),
        component("textfield", "locked", readonly=True),
        {"type": "expression", "key": "e", "expression": "= if yes then {day: day, n: n} else one"},
        component(
            "group", "g", components=[component("textfield", "h.i"), component("dynamiclist", "l", components=rows)]
        ),
        component("dynamiclist", "l", components=rows, conditional={"hide": '= g.h.i = "hide"'}),
    )


FORM = everything()
DATA = {**BEFORE, "tags": ["t1", {"value": 2, "label": "two"}]}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "x",
            "y",
            "p1",
            "2026-11-23",
            "09:45",
            "2026-11-22T10:00+08:00",
            "hide",
            "p",
            "t1",
            2,
            1.0,
            "0.5",
            {"k": 1},
            {"id": "p1"},
        ]
    ),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(
    [*(field.path[0] for field in FORM.inputs), "l", "g", "x", "s", "inner", "h", "i", "_row", "nope"]
)
shaped = st.recursive(
    scalars, lambda inner: st.dictionaries(keys, inner, max_size=8) | st.lists(inner, max_size=3), max_leaves=30
)


def accepted(values_: dict[str, Any]) -> None:
    """What every accepted submission is."""
    assert is_plain(values_)
    orjson.dumps(values_)
    again = send(FORM, values_, DATA, known_files=FILES.get)
    assert again.errors == {}
    assert again.values == values_


def allowed(found: dict[str, Any]) -> None:
    """Whether values keep to the form, told independently of it."""
    assert found.get("one") in [None, "x", 1, True, {"k": 1}]
    assert found.get("two") in [None, "p", "q", 1, 2]
    assert set(found.get("many", ())) <= {"x", "y"}
    assert all(tag in ["t1", 2] for tag in found.get("tags", ()))
    assert all(file == FILES["p1"] for file in found.get("files", ()))
    assert found.get("locked", "data") == "data"
    number = found.get("n")
    assert number is None or (-10 <= number <= 10 and number * 2 == int(number * 2))
    for row in [*(found.get("l") or ()), *(found.get("g", {}).get("l") or ())]:
        assert len(row.get("x", "").strip()) <= 5
        assert row.get("s") in [None, "x", "y"]


@settings(max_examples=60, deadline=None)
@given(st.one_of(anything, st.dictionaries(keys, shaped, max_size=12)))
def test_json_never_raises_and_never_gets_more_than_the_form_allows(sent: Any) -> None:
    submission = send(FORM, sent, DATA, known_files=FILES.get)
    allowed(submission.values)
    assert is_plain(submission.entered)
    if submission.ok:
        accepted(submission.values)
    markup(display(FORM, submission.entered, submission.errors, now=NOW, values_before=DATA))


valid = st.fixed_dictionaries(
    {"a": st.text(string.ascii_lowercase, min_size=1, max_size=5)},
    optional={
        "b": st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        "n": st.sampled_from([None, -10, 0, 0.5, 5.5, 10]),
        "text": st.decimals(-1000, 1000, allow_nan=False, places=3).map(str),
        "day": st.dates(min_value=NOW.date()).map(str).filter(lambda day: day < "9000"),
        "clock": st.integers(0, 287).map(lambda steps: f"{steps // 12:02}:{steps % 12 * 5:02}"),
        "moment": st.datetimes(min_value=NOW.replace(tzinfo=None), max_value=NOW.replace(tzinfo=None, year=8000)).map(
            lambda m: m.isoformat()[:16]
        ),
        "yes": st.booleans(),
        "many": st.lists(st.sampled_from(["x", "y"]), max_size=3),
        "files": st.sampled_from([[], ["p1"]]),
        "l": st.lists(
            st.fixed_dictionaries({"x": st.text("ab ", max_size=5)}, optional={"s": st.sampled_from([None, "x"])}),
            max_size=3,
        ),
    },
)


@settings(max_examples=40, deadline=None)
@given(valid)
def test_what_is_accepted_is_accepted_again_and_stays_the_same(sent: dict[str, Any]) -> None:
    submission = send(FORM, sent, DATA, known_files=FILES.get)
    if set(submission.errors) <= {"b"}:  # its least length is another field's number
        submission = send(FORM, {**sent, "b": ""}, DATA, known_files=FILES.get)
    assert submission.errors == {}
    accepted(submission.values)


names = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        [
            "_add",
            "_remove",
            "_drop",
            "_wrong",
            "moment:time",
            "files:kept",
            "g.h.i",
            "g.l",
            "l[0].x",
            "l[0].inner",
            "l[0].inner[0].n",
            "l[9999999].x",
        ]
    ),
    keys,
)
posted = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["x", "true", "0", "1", "l", "l[0]", "files:p1", "p1", "2026-11-23", "09:45", "5"]),
    st.builds(Upload, st.text(max_size=5)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, posted), max_size=25))
def test_a_post_never_raises_and_never_gets_more_than_the_form_allows(pairs: list[tuple[str, Any]]) -> None:
    submission = post(FORM, *pairs, before=DATA, known_files=FILES.get)
    allowed(submission.values)
    assert is_plain(submission.entered)
    if submission.ok:
        accepted(submission.values)
    markup(display(FORM, submission.entered, submission.errors, now=NOW, values_before=DATA, focus=submission.focus))


properties = st.sampled_from(
    [
        "type",
        "key",
        "path",
        "label",
        "validate",
        "conditional",
        "values",
        "properties",
        "layout",
        "components",
        "expression",
        "text",
        "defaultValue",
        "subtype",
        "readonly",
    ]
)
feel = st.sampled_from(
    ["= a", "= a = b", "=", "= (", "{{a}}", "{{#if a}}x{{/if}}", "{{", "=a.b.c > 5", "${a}", "= this.a"]
)
raw = st.recursive(
    scalars | st.sampled_from([*Kind, "html"]) | feel,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            properties | st.sampled_from(["hide", "pattern", "min", "required", "value"]), inner, max_size=8
        )
    ),
    max_leaves=25,
)
typed = st.builds(
    lambda kind, rest: {**rest, "type": kind}, st.sampled_from(list(Kind)), st.dictionaries(properties, raw, max_size=8)
)


@settings(max_examples=80, deadline=None)
@given(st.lists(typed | raw, max_size=5))
def test_any_json_is_read_with_problems_and_what_is_read_can_be_used(components: list[Any]) -> None:
    read, problems = read_form({"components": components})
    assert all(isinstance(problem, Problem) and str(problem.problem) and str(problem.remedy) for problem in problems)
    if any(problem.level is Level.ERROR for problem in problems):
        return
    submission = send(read, {"a": "x"})
    markup(display(read, submission.entered, submission.errors, now=NOW))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_answered_with_problems(source: bytes | str) -> None:
    _, problems = read_form(source)
    assert problems
