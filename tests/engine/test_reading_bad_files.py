"""What is wrong with an upload is said with its element, its line and a remedy; reading never raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definitions import Bundle, read_bundle
from engine.definitions.report import MOST
from engine.expressions import Level, Problem
from tests.engine.build import (
    HEAD,
    both,
    boundary,
    bpmn,
    catch,
    chain,
    document,
    each,
    element,
    end,
    first_of,
    flow,
    message,
    receive,
    script,
    settings,
    start,
    sub,
    throw,
    timer,
    user,
    while_true,
    whole,
    xor,
)

FILES = Path(__file__).parent / "files"
REFUSED = {
    "bad_cut_off": ("not-xml", "", 5),
    "bad_dangling_boundary": ("dangling-boundary", "late", 6),
    "bad_dangling_flow": ("dangling-flow", "f2", 8),
    "bad_dangling_message": ("dangling-reference", "wait", 5),
    "bad_doctype": ("dtd", "", 2),
    "bad_duplicate_id": ("duplicate-id", "work", 5),
    "bad_empty": ("empty", "", 1),
    "bad_encoding": ("encoding", "", 1),
    "bad_endless": ("endless-loop", "again", 5),
    "bad_entity_bomb": ("dtd", "", 2),
    "bad_expression": ("expression", "f_if", 11),
    "bad_external_entity": ("dtd", "", 2),
    "bad_function": ("expression", "work", 5),
    "bad_not_utf8": ("encoding", "", 1),
    "bad_not_xml": ("not-xml", "", 1),
    "bad_other_xml": ("not-bpmn", "", 2),
    "bad_recursive_call": ("cyclic-call", "myself", 5),
    "bad_script": ("expression", "work", 7),
    "bad_timer": ("timer", "wait", 5),
    "bad_timer_too_often": ("timer-too-often", "often", 6),
}
ACCEPTED = {
    "bad_not_executable": [("picture-only", Level.WARNING)],
    "bad_no_condition": [("field-generated", Level.NOTE)],
    "bad_no_form": [],
    "bad_no_start": [("implicit-start", Level.NOTE)],
}
"""A form that is missing is the business of whoever stores forms."""


def read(content: bytes) -> Bundle:
    return read_bundle({"file.bpmn": content})


def problems(content: bytes, level: Level = Level.ERROR) -> list[Problem]:
    return [problem for problem in read(content).report.problems if problem.level is level]


def codes(content: bytes, level: Level = Level.ERROR) -> list[tuple[str, str]]:
    return [(problem.code, problem.element) for problem in problems(content, level)]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_bad_file_is_refused_with_its_element_and_line(name: str) -> None:
    bundle = read((FILES / f"{name}.bpmn").read_bytes())
    assert not bundle.report.accepted
    assert bundle.definitions == ()
    first = next(problem for problem in bundle.report.problems if problem.level is Level.ERROR)
    assert (first.level, first.code, first.element, first.line) == (Level.ERROR, *REFUSED[name])
    assert first.file == "file.bpmn"
    for problem in bundle.report.problems:
        assert str(problem.problem)
        assert str(problem.remedy)
        assert "%(" not in str(problem.problem) + str(problem.remedy)


def test_every_bad_file_has_its_expectation() -> None:
    assert {path.stem for path in FILES.glob("bad_*")} == {*REFUSED, *ACCEPTED}


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_file_may_be_accepted_with_a_word(name: str) -> None:
    bundle = read((FILES / f"{name}.bpmn").read_bytes())
    assert bundle.report.accepted
    assert [(problem.code, problem.level) for problem in bundle.report.problems] == ACCEPTED[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*") if not path.name.startswith("bad_")))
def test_a_good_file_has_no_errors_nor_warnings(name: str) -> None:
    both_files = {path: (FILES / path).read_bytes() for path in {f"{name}.bpmn", "called_assessment.bpmn"}}
    bundle = read_bundle(both_files)
    assert bundle.report.accepted
    assert [problem for problem in bundle.report.problems if problem.level is not Level.NOTE] == []
    assert len(bundle.definitions) == len(both_files)


LINE = (start(), user("a"), end(), chain("begin", "a", "done"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "not-xml"),
        (b"x" * (20 * 1024 * 1024), "too-large"),
        (b"\x00" * 100, "not-xml"),
        (b"PK\x03\x04" + bytes(range(256)), "encoding"),
        (b"<a/>", "not-bpmn"),
        (b"<definitions/>", "not-bpmn"),
        ((HEAD + "<process>" * 300).encode(), "too-deep"),
        ((HEAD + '<process id="p">' + "<subProcess>" * 70 + "</subProcess>" * 70).encode(), "not-xml"),
        ((HEAD + "<a>" * 70 + "</a>" * 70 + "</definitions>").encode(), "too-deep"),
        ((HEAD + "<message/>" * 60_001 + "</definitions>").encode(), "too-deep"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="zlib"?><a/>', "encoding"),
        (b"<!DOCTYPE a><a/>", "dtd"),
        (b"<!-- x -->\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "dtd"),
        (b"<!-- <a -->\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "dtd"),
        (b"<a>&undeclared;</a>", "not-xml"),
        (b"<a", "not-xml"),
        (b"<a/><b/>", "not-xml"),
        (b"<x:a/>", "not-xml"),
        (b"<a b='1' b='2'/>", "not-xml"),
    ],
)
def test_what_is_no_bpmn_is_refused_with_a_word(content: bytes, code: str) -> None:
    assert [problem.code for problem in read(content).report.problems] == [code]


@pytest.mark.parametrize(
    ("inside", "column", "why", "remedy"),
    [
        ('<task name="审批"></tsk>', 23, "<task>, which begins in line 2, is ended by </tsk>", "End <task> by </task>"),
        ("<task><sub>", 12, "over before <sub>, which begins in line 2", "cut off"),
        ('<task name="审批 & 退回"/>', 17, "an “&” stands here by itself", "&amp;"),
        ('<task name="a < b"/>', 15, "a “<” stands here", "&lt;"),
        ("<task name=a/>", 12, "no value in quotation marks", 'name="value"'),
        ('<task id="a" id="b"/>', 20, "the attribute “id” stands twice", "one of the two"),
        ('<task name="a&nbsp;b"/>', 20, "“&nbsp;” means nothing", "the character itself"),
        ('<task camunda:assignee="a"/>', 27, "the prefix “camunda:” is not declared", "xmlns:camunda"),
        ('<task name="\x01"/>', 13, "cannot be seen", "Delete that character"),
        ("</definitions> that is all", 16, "after the last tag", "</definitions>"),
        ("<!-- a note", 12, "over in the middle", "cut off"),
        ("<task na", 9, "over in the middle", "cut off"),
    ],
)
def test_what_is_no_xml_is_told_in_our_own_words_with_its_place_once(
    inside: str, column: int, why: str, remedy: str
) -> None:
    content = f'<?xml version="1.0"?><definitions>\n{inside}</definitions>'
    if "</definitions>" in inside or "<sub>" in inside or "<!--" in inside or inside.endswith("na"):
        content = content.removesuffix("</definitions>")
    (problem,) = read(content.encode()).report.problems
    told = str(problem.problem)
    assert (problem.code, problem.line) == ("not-xml", 2)
    assert f"at column {column}: " in told
    assert why in told
    assert told.count("column") == 1
    assert remedy in str(problem.remedy)


def test_an_entity_bomb_in_utf_16_is_refused_too() -> None:
    bomb = (FILES / "bad_entity_bomb.bpmn").read_text().replace('encoding="UTF-8"', "")
    assert codes(bomb.encode("utf-16")) == [("dtd", "")]


@pytest.mark.parametrize(
    ("parts", "code", "where"),
    [
        ((start(), user("a"), flow("begin", "begin"), flow("begin", "a")), "flow-into-start", "begin"),
        ((start(), end(), user("a"), chain("begin", "a", "done", "a")), "flow-out-of-end", "done"),
        ((start(), xor("x", "no"), user("a"), chain("begin", "x", "a")), "dangling-default", "x"),
        ((start(), user("a", default="f"), chain("begin", "a")), "dangling-default", "a"),
        ((start(), first_of("g"), user("a"), chain("begin", "g", "a")), "event-gateway", "g"),
        ((start(), first_of("g"), chain("begin", "g")), "event-gateway", "g"),
        ((start(), first_of("g"), receive("r", inner=each("x")), chain("begin", "g", "r")), "event-gateway", "g"),
        ((start(), xor("x"), user("a"), boundary("b", "x", message()), chain("begin", "x", "a")), "boundary-host", "b"),
        ((start(), catch("c", timer("on", "soon")), chain("begin", "c")), "timer", "c"),
        ((start(), catch("c", timer("every", "R/soon/PT1H")), chain("begin", "c")), "timer", "c"),
        ((start(), catch("c", "<errorEventDefinition />"), chain("begin", "c")), "unsupported-event", "c"),
        ((start(), throw("t", timer("after", "PT1H")), chain("begin", "t")), "unsupported-event", "t"),
        ((start(), end("e", "<cancelEventDefinition />"), chain("begin", "e")), "cancel-outside", "e"),
        ((start(), element("choreographyTask", "x"), chain("begin", "x")), "unsupported-element", "x"),
        ((start(), catch("c", message() * 51), chain("begin", "c")), "too-many-triggers", "c"),
        ((xor("x"), user("a"), chain("x", "a", "x")), "no-start", "p"),
        ((start(), user("a", camunda__assignee="${a b}"), chain("begin", "a")), "expression", "a"),
        ((start(), user("a", camunda__dueDate="${1 +}"), chain("begin", "a")), "expression", "a"),
        ((start(), user("a", each("${x.y(}")), chain("begin", "a")), "expression", "a"),
        ((start(), catch("c", timer("after", "${now(}")), chain("begin", "c")), "expression", "c"),
        ((start(), script("x", "def f(): pass"), chain("begin", "x")), "expression", "x"),
        ((start(), user("a b"), chain("begin", "a b")), "bad-id", "a b"),
        ((start(), user("a/b"), chain("begin", "a/b")), "bad-id", "a/b"),
        ((start(), user("a&#10;b"), chain("begin", "a&#10;b")), "bad-id", "a&#10;b"),
        ((start(), xor("x"), script("s", "n = 1"), chain("begin", "x", "s", "x")), "endless-loop", "x"),
        ((start(), both("x"), user("a"), flow("begin", "x"), flow("x", "x"), flow("y", "a")), "dangling-flow", "y-a"),
    ],
)
def test_what_cannot_run_is_refused_at_its_element(parts: tuple[str, ...], code: str, where: str) -> None:
    assert (code, where) in codes(bpmn(*parts))


def test_what_was_drawn_as_a_duration_is_called_none() -> None:
    (problem,) = problems(bpmn(start(), catch("c", timer("after", "1 hour")), end(), chain("begin", "c", "done")))
    assert str(problem.problem) == "“1 hour” is not a duration such as PT30M, PT2H or P3D."


def test_a_file_without_a_process_is_a_picture() -> None:
    assert codes(f"{HEAD}</definitions>".encode(), Level.WARNING) == [("picture-only", "definitions")]


def test_an_id_that_no_index_can_hold_is_refused() -> None:
    assert {code for code, _ in codes(bpmn(start(), user("a" * 256), chain("begin", "a" * 256)))} == {"bad-id"}


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ({"prefix": "cr"}, "prefix"),
        ({"prefix": "TOOLONGPREFIX"}, "prefix"),
        ({"title": "${a b}"}, "expression"),
        ({"owner": "${nobody_knows(x)}"}, "expression"),
        ({"correlation": "${"}, "expression"),
        ({"sla__resolution": "2 days"}, "setting"),
        ({"urge__cooldown": "-PT1H"}, "setting"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(pairs: dict[str, str], code: str) -> None:
    found = problems(document(whole(*LINE, settings=settings(**pairs))))
    assert [(problem.code, problem.element, problem.line) for problem in found] == [(code, "p", 4)]


GROOVY = element("scriptTask", "x", "<script>x = 1</script>", scriptFormat="groovy")
LISTENER = '<extensionElements><camunda:taskListener event="create" class="org.example.Notify" /></extensionElements>'


@pytest.mark.parametrize(
    ("parts", "code", "where"),
    [
        ((*LINE, user("lost")), "unreachable", "lost"),
        ((start(), "<userTask id='a' />", chain("begin", "a")), "unassigned", "a"),
        ((start(), "<task id='a' />", chain("begin", "a")), "unassigned", "a"),
        ((start(), element("serviceTask", "s"), chain("begin", "s")), "not-connected", "s"),
        ((start(), catch("c", timer("every", "R3/PT1H")), chain("begin", "c")), "cycle-once", "c"),
        ((start(), script("s", " "), chain("begin", "s")), "script-empty", "s"),
        ((start(), GROOVY, chain("begin", "x")), "script-language", "x"),
        ((start(), sub("s"), chain("begin", "s")), "empty-sub-process", "s"),
        ((start(), catch("c", ""), chain("begin", "c")), "no-trigger", "c"),
        ((start(), user("a"), boundary("b", "a", ""), chain("begin", "a")), "no-trigger", "b"),
        ((start(), catch("c", "<timerEventDefinition />"), chain("begin", "c")), "timer-empty", "c"),
        ((start(), catch("c", timer("after", " ")), chain("begin", "c")), "timer-empty", "c"),
        ((start(), catch("c", "<conditionalEventDefinition />"), chain("begin", "c")), "condition-empty", "c"),
        ((start(), element("complexGateway", "x"), chain("begin", "x")), "complex-gateway", "x"),
        ((start(), user("a", while_true()), chain("begin", "a")), "loop-endless", "a"),
        ((start(), user("a", each("")), chain("begin", "a")), "loop-empty", "a"),
        (
            (start(), sub("s", start("in", message()), user("u"), chain("in", "u")), chain("begin", "s")),
            "start-inside",
            "in",
        ),
        ((start(), both("g"), user("u"), chain("begin", "g"), flow("g", "u", "x")), "parallel-condition", "g"),
        ((start(), user("u", LISTENER), chain("begin", "u")), "not-read", "u"),
        ((LISTENER, start(), user("u"), chain("begin", "u")), "not-read", "p"),
    ],
)
def test_what_surprises_is_a_warning_at_its_element(parts: tuple[str, ...], code: str, where: str) -> None:
    content = bpmn(*parts)
    assert read(content).report.accepted
    assert (code, where) in codes(content, Level.WARNING)


def test_two_processes_of_one_id_are_refused() -> None:
    bundle = read_bundle({"a.bpmn": bpmn(*LINE), "b.bpmn": bpmn(*LINE)})
    assert [(problem.code, problem.element, problem.file) for problem in bundle.report.problems] == [
        ("duplicate-process", "p", "b.bpmn")
    ]


def test_problems_of_several_files_name_their_file() -> None:
    bundle = read_bundle({"good.bpmn": bpmn(*LINE), "bad.bpmn": b"no", "worse.xml": b"", "other.form": b"no"})
    assert [(problem.file, problem.code) for problem in bundle.report.problems] == [
        ("bad.bpmn", "not-xml"),
        ("worse.xml", "empty"),
    ]
    assert bundle.definitions == ()


def test_the_line_is_the_files_whatever_precedes() -> None:
    content = bpmn(start(), user("a", camunda__assignee="${a b}"), chain("begin", "a"))
    for before in (b"", b"\n\n", b"\n<!-- a\n comment -->\n"):
        moved = before + content if b"<!--" not in before else content.replace(b"?>\n", b"?>" + before, 1)
        line = moved[: moved.index(b'id="a"')].count(b"\n") + 1
        assert [problem.line for problem in problems(moved)] == [line]


def test_so_many_problems_are_listed_and_no_more() -> None:
    lost = [user(f"u{number}", camunda__assignee="${a b}") for number in range(MOST + 50)]
    found = read(bpmn(*LINE, *lost)).report.problems
    errors = [problem for problem in found if problem.level is Level.ERROR]
    assert len(errors) == MOST + 1
    assert errors[-1].code == "more"


def test_an_error_is_listed_however_many_notes_there_are() -> None:
    lost = [user(f"u{number}") for number in range(MOST + 50)]
    bundle = read(bpmn(*LINE, *lost, xor("x", "nowhere")))
    assert ("dangling-default", "x") in [(problem.code, problem.element) for problem in bundle.report.problems]
    assert not bundle.report.accepted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bpmn(*LINE, *(user(f"u{number}") for number in range(5_000))), "too-many-elements"),
        (bpmn(*LINE, *(flow("begin", "a", ident=f"f{number}") for number in range(5_000))), "too-many-elements"),
        (document(*(whole(start(f"s{number}"), process=f"p{number}") for number in range(201))), "too-many-processes"),
    ],
)
def test_what_is_too_large_to_run_is_refused_before_it_is_read(content: bytes, code: str) -> None:
    assert [found for found, _ in codes(content)] == [code]


def test_too_many_processes_in_several_files_are_refused() -> None:
    files = {
        f"{half}.bpmn": document(*(whole(start(f"s{n}"), process=f"p{half}_{n}") for n in range(110)))
        for half in (1, 2)
    }
    assert "too-many-processes" in [problem.code for problem in read_bundle(files).report.problems]
