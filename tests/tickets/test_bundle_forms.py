"""Which form a task shows: a file of the upload in any format, one inside the process, or fields drawn into it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.engine.build import chain, end, extensions, start, user
from tests.tickets.play import Play, files, form, staff, text
from tickets.deploying import Deployed


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def upload(play: Play, task: str, key: str, **beside: bytes) -> Deployed:
    """A type with one task and the files beside it; `__` in a name stands for a dot."""
    made = play.upload(
        {
            **files(start(), task, end(), chain("begin", "look", "done"), key=key),
            **{name.replace("__", "."): content for name, content in beside.items()},
        }
    )
    assert made.report.accepted, made.report.problems
    return made


def answered(play: Play, key: str, **values: Any) -> Any:
    """The ticket's data once its task has been answered."""
    number = play.file("zhoulan", key)
    play.complete("lina", "look", number, **values)
    return play.ticket(number).data


def codes(made: Deployed) -> list[str]:
    return [problem.code for problem in made.report.problems]


def json(value: object) -> bytes:
    return orjson.dumps(value)


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


def spiff(schema: str, layout: str = "") -> str:
    pairs = {"formJsonSchemaFilename": schema, "formUiSchemaFilename": layout}
    written = "".join(f'<spiff:property name="{name}" value="{value}" />' for name, value in pairs.items() if value)
    return extensions(f"<spiff:properties>{written}</spiff:properties>")


def test_a_json_schema_with_its_layout(play: Play) -> None:
    beside = {"ask_schema__json": json(SCHEMA), "ask_ui__json": json({"a": {"ui:widget": "textarea"}})}
    made = upload(play, staff("look", spiff("ask_schema.json", "ask_ui.json")), "schema", **beside)
    assert codes(made) == []
    assert answered(play, "schema", a="x\ny", b=3) == {"a": "x\ny", "b": 3}


def test_a_layout_that_is_missing_is_said(play: Play) -> None:
    made = upload(play, staff("look", spiff("ask_schema.json", "ask_ui.json")), "layout", ask_schema__json=json(SCHEMA))
    assert codes(made) == ["layout-missing"]
    assert answered(play, "layout", a="x", b=3) == {"a": "x", "b": 3}


def test_json_that_is_no_form_is_left_alone_unless_a_task_names_it(play: Play) -> None:
    beside = {"package__json": b'{"name": "web"}', "ask_ui__json": b'{"ui:order": []}', "broken__json": b"{"}
    assert codes(upload(play, staff("look"), "data", **beside)) == []
    named = files(start(), staff("look", camunda__formKey="package.json"), end(), chain("begin", "look", "done"))
    refused = play.upload({**named, "package.json": b'{"name": "web"}'})
    assert (refused.report.accepted, codes(refused)) == (False, ["not-a-form"])


def test_a_form_model_of_flowable_by_its_key(play: Play) -> None:
    model = {"key": "ask", "fields": [{"id": "a", "name": "A", "type": "text"}], "outcomes": [{"name": "yes"}]}
    made = upload(play, staff("look", flowable__formKey="ask"), "model", some__form=json(model))
    assert codes(made) == []
    assert answered(play, "model", a="x", form_ask_outcome="yes") == {"a": "x", "form_ask_outcome": "yes"}


@pytest.mark.parametrize("key", ["forms/old.form", "old.form"])
def test_a_form_in_html_is_said_and_not_shown(play: Play, key: str) -> None:
    made = upload(play, staff("look", activiti__formKey=key), f"html{len(key)}", old__form=b"<html><input /></html>")
    assert codes(made) == ["form-elsewhere"]
    assert answered(play, f"html{len(key)}") == {}


def test_a_form_that_nothing_shows_is_told_of(play: Play) -> None:
    report = upload(play, staff("look", camunda__formRef="ask"), "idle", ask__form=form(), other__form=form()).report
    assert [(each.code, each.file, str(each.level)) for each in report.problems] == [
        ("form-idle", "other.form", "note")
    ]


@pytest.mark.parametrize("key", ["app:ask.form", "deployment:ask.form", "camunda-forms:app:forms/ask.form"])
def test_a_form_that_camunda_finds_in_its_application_is_the_file_of_that_name(play: Play, key: str) -> None:
    assert codes(upload(play, staff("look", camunda__formKey=key), "of_camunda", ask__form=form(text("a")))) == []
    assert answered(play, "of_camunda", a="x") == {"a": "x"}


def test_a_form_inside_the_process(play: Play) -> None:
    key = extensions('<zeebe:formDefinition formKey="camunda-forms:bpmn:ask" />')
    drawn = form(text("a")).decode().replace('"', "&quot;")
    inside = extensions(f'<zeebe:userTaskForm id="ask">{drawn}</zeebe:userTaskForm>')
    upload(play, staff("look", key) + inside, "inside")
    assert answered(play, "inside", a="x") == {"a": "x"}


def test_a_bad_form_inside_the_process_is_refused_at_the_task(play: Play) -> None:
    key = extensions('<zeebe:formDefinition formKey="camunda-forms:bpmn:ask" />')
    inside = extensions('<zeebe:userTaskForm id="ask">{}</zeebe:userTaskForm>')
    refused = play.upload(files(start(), staff("look", key), end(), chain("begin", "look", "done"), inside))
    problem = refused.report.problems[0]
    assert (problem.code, problem.file, problem.line > 1) == ("not-a-form", "errand.bpmn", True)


def test_fields_drawn_into_a_task_join_its_form(play: Play) -> None:
    fields = extensions('<flowable:formProperty id="a" /><flowable:formProperty id="b" type="long" />')
    task = user("look", fields, camunda__candidateGroups="support", flowable__formKey="ask")
    upload(play, task, "joined", ask__form=form(text("a")))
    assert answered(play, "joined", a="x", b=3) == {"a": "x", "b": 3}


@pytest.mark.parametrize(
    "component", [{"type": "number", "key": "k"}, {"type": "text", "text": "{{a}}" * 900}], ids=["fields", "texts"]
)
def test_forms_that_are_too_much_together_are_refused_unread(play: Play, component: dict[str, Any]) -> None:
    many = {f"f{number}.form": json({"components": [component] * 180}) for number in range(180)}
    made = play.upload({**files(start(), staff("look"), chain("begin", "look"), key="much"), **many})
    (problem,) = (problem for problem in made.report.problems if problem.level == "error")
    assert (problem.code, problem.file, made.types) == ("forms-too-large", "", [])


def test_fields_are_shown_where_the_form_is_missing(play: Play) -> None:
    fields = extensions('<flowable:formProperty id="a" /><flowable:formProperty id="no" readable="false" />')
    made = upload(play, staff("look", fields, flowable__formKey="ask"), "fallback")
    assert codes(made) == ["form-missing", "not-readable"]
    assert answered(play, "fallback", a="x") == {"a": "x"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Call ${requester.login} about ${model}.", "Call zhoulan about P40."),
        ("Ask ${nobody}.", "Ask ${nobody}."),
        ("It costs ${ too much", "It costs ${ too much"),
        ("Plain words.", "Plain words."),
    ],
)
def test_what_a_task_says_of_itself_has_the_tickets_values_in_it(play: Play, written: str, told: str) -> None:
    task = staff("look", f"<documentation>{written}</documentation>")
    play.define(start(camunda__formRef="ask"), task, chain("begin", "look"), key="told", forms={"ask": [text("model")]})
    number = play.file("zhoulan", "told", model="P40")
    assert play.task("look", number).documentation == told
