"""What a file says is what the normal form holds: encodings, dialects, lanes, events, forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definitions import Compiled, Kind, Node, Process, read_bundle
from engine.definitions.kinds import EventKind, LoopKind, TimerKind
from engine.definitions.parts import Event, Expr, FormField, Loop, Work
from tests.engine.build import (
    both,
    bpmn,
    call,
    catch,
    chain,
    document,
    each,
    element,
    end,
    flow,
    message,
    receive,
    script,
    settings,
    start,
    sub,
    timer,
    times,
    until_enough,
    user,
    while_true,
    whole,
    xor,
)
from tests.engine.runs import compiled, run

FILES = Path(__file__).parent / "files"
GBK = (FILES / "gbk.bpmn").read_bytes()


def node(content: bytes, ident: str) -> Node:
    found = compiled(content).process.node(ident)
    assert found is not None
    return found


def process(content: bytes, name: str = "p") -> Process:
    return compiled(content, process=name).process


def names(found: Compiled) -> list[str]:
    return [node.name for node in found.process.scope.nodes if node.name]


def test_chinese_names_in_gbk_are_intact() -> None:
    """The library cannot read GBK at all."""
    found = compiled(GBK, process="gbk")
    assert found.process.name == "请假审批"
    assert names(found) == ["提交申请", "主管审批", "超过三天？", "校长审批", "已批准", "已批准，超过三天"]


TEXT = GBK.decode("gbk").replace('encoding="GBK"', 'encoding="DECLARED"')


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        *[("GBK", "gbk"), ("gb2312", "gb18030"), ("GB18030", "gb18030"), ("UTF-8", "utf-8"), ("utf-8", "utf-8-sig")],
        *[("UTF-16", "utf-16"), ("utf-16", "utf-16-be"), ("utf-16le", "utf-16-le"), ("GBK", "utf-8-sig")],
    ],
)
def test_any_declared_encoding_gives_the_same_names(declared: str, encoding: str) -> None:
    boms = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}
    content = boms.get(encoding, b"") + TEXT.replace("DECLARED", declared).encode(encoding)
    assert names(compiled(content, process="gbk")) == names(compiled(GBK, process="gbk"))


def test_a_rare_character_in_a_file_that_says_gb2312_is_read() -> None:
    content = TEXT.replace("DECLARED", "gb2312").replace("请假审批", "喆囍审批").encode("gbk")
    assert compiled(content, process="gbk").process.name == "喆囍审批"


def test_a_file_without_a_declaration_is_utf_8() -> None:
    content = TEXT.split("?>", 1)[1].encode()
    assert names(compiled(content, process="gbk")) == names(compiled(GBK, process="gbk"))


def test_a_process_has_its_name_settings_and_languages() -> None:
    own = settings(prefix="CR", name__en="Crash", name__zh="崩溃", title="Crash of ${model}", sla__resolution="P2D")
    found = process(document(whole(start(), settings=own).replace('id="p"', 'id="p" name="崩溃上报"')))
    assert (found.id, found.name, found.names) == ("p", "崩溃上报", {"en": "Crash", "zh": "崩溃"})
    assert found.settings["title"] == "Crash of ${model}"
    assert found.settings["sla.resolution"] == "P2D"


def test_a_process_without_a_name_has_its_pools_or_its_id() -> None:
    pool = '<collaboration id="c"><participant id="x" name="采购" processRef="p" /></collaboration>'
    assert process(bpmn(start(), declarations=pool)).name == "采购"
    assert process(bpmn(start())).name == "p"


@pytest.mark.parametrize("flag", ["true", "1", " true "])
def test_only_executable_processes_run(flag: str) -> None:
    two = document(
        whole(start("a")).replace('isExecutable="true"', f'isExecutable="{flag}"'),
        whole(start("b"), process="q").replace('isExecutable="true"', 'isExecutable="0"'),
    )
    assert [found.process.id for _, found in read_bundle({"x.bpmn": two}).definitions] == ["p"]
    silent = bpmn(start()).replace(b' isExecutable="true"', b"")
    bundle = read_bundle({"x.bpmn": silent})
    assert [problem.code for problem in bundle.report.problems if problem.code != "implicit-end"] == [
        "executable-absent"
    ]
    assert len(bundle.definitions) == 1


def test_lanes_nest_and_reach_into_sub_processes() -> None:
    inner = element("lane", "in", "<flowNodeRef>b</flowNodeRef>", name="法务")
    lanes = element(
        *("laneSet", "ls"),
        element(
            *("lane", "out"),
            f"<flowNodeRef>a</flowNodeRef><flowNodeRef> b </flowNodeRef><childLaneSet>{inner}</childLaneSet>",
            name="总部",
        )
        + element("lane", "nameless", "<flowNodeRef>s</flowNodeRef>"),
    )
    file = bpmn(
        start(), user("a"), user("b"), user("c"), sub("s", user("d")), chain("begin", "a", "b", "c", "s"), lanes=lanes
    )
    assert [node(file, ident).lane for ident in "abcds"] == ["总部", "法务", "", "nameless", "nameless"]
    assert process(file).lanes == ("总部", "法务", "nameless")


@pytest.mark.parametrize(
    "vendor", ["http://camunda.org/schema/1.0/bpmn", "http://flowable.org/bpmn", "http://activiti.org/bpmn"]
)
def test_kindred_dialects_say_the_same_in_their_own_namespace(vendor: str) -> None:
    task = user(
        *("a", settings(status="resolved", visible="true", x="")),
        camunda__assignee="${requester.login}",
        camunda__candidateUsers="lina, ${person(a, b)},",
        camunda__candidateGroups="support,技术支持中心",
        camunda__dueDate="${days_after(today(), 2)}",
        camunda__followUpDate="2026-12-01",
        camunda__priority="80",
        camunda__formRef="triage",
    )
    file = bpmn(start(), task, chain("begin", "a")).replace(b"http://camunda.org/schema/1.0/bpmn", vendor.encode())
    found = node(file, "a")
    assert found.settings == {"status": "resolved", "visible": "true", "x": ""}
    assert found.work == Work(
        assignee=Expr("${requester.login}", "juel"),
        users=(Expr("lina", "literal"), Expr("${person(a, b)}", "juel")),
        groups=(Expr("support", "literal"), Expr("技术支持中心", "literal")),
        due=Expr("${days_after(today(), 2)}", "juel"),
        follow_up=Expr("2026-12-01", "literal"),
        priority=Expr("80", "literal"),
        form="triage",
    )


def test_another_vendors_words_are_not_ours() -> None:
    file = bpmn(start(), user("a", camunda__assignee="lina"), chain("begin", "a"))
    other = file.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://example.com/other")
    assert node(other, "a").work == Work()


@pytest.mark.parametrize(
    ("key", "form"),
    [("camunda-forms:deployment:triage.form", "triage.form"), ("deployment:triage.form", "triage.form"), ("x", "x")],
)
def test_a_form_key_names_a_file_of_the_upload(key: str, form: str) -> None:
    work = node(bpmn(start(), user("a", camunda__formKey=key), chain("begin", "a")), "a").work
    assert work is not None
    assert work.form == form


def performer(tag: str, text: str) -> str:
    formal = f"<resourceAssignmentExpression><formalExpression>{text}</formalExpression></resourceAssignmentExpression>"
    return f"<{tag}>{formal}</{tag}>"


def test_plain_bpmn_names_people_by_performers() -> None:
    inner = performer("humanPerformer", "lina") + performer("potentialOwner", "user(wanglei), group(support), 主管")
    file = bpmn(start(), element("userTask", "a", inner), chain("begin", "a"))
    assert node(file, "a").work == Work(
        assignee=Expr("lina", "literal"),
        users=(Expr("wanglei", "literal"),),
        groups=(Expr("support", "literal"), Expr("主管", "literal")),
    )
    file = bpmn(start(), user("a", inner, camunda__assignee="${x}"), chain("begin", "a"))
    work = node(file, "a").work
    assert work is not None
    assert (work.assignee, work.groups) == (Expr("${x}", "juel"), (Expr("office", "literal"),))


def test_form_fields_are_kept_as_written() -> None:
    found = compiled((FILES / "formdata.bpmn").read_bytes(), process="formdata").process
    begin = found.node("begin")
    assert begin is not None
    assert begin.initiator == "starter"
    assert [field.id for field in begin.fields] == ["student_name", "lessons", "trial", "first_day", "level"]
    name, lessons, trial, _, level = begin.fields
    assert name.constraints == (("required", "true"), ("minlength", "2"), ("maxlength", "40"))
    assert (name.label, lessons.type, lessons.default, trial.type) == ("学员姓名", "long", "10", "boolean")
    assert level.values == (("a", "Beginner"), ("b", "Intermediate"), ("c", "Advanced"))
    assert lessons.line == 14


def test_the_older_form_properties_are_fields_too() -> None:
    old = (
        "<extensionElements><camunda:formProperty id='a' name='A' type='enum' required='true' writable='false'>"
        "<camunda:value id='x' name='X' /><camunda:value id='y' /></camunda:formProperty>"
        "<camunda:formProperty id='d' type='date' datePattern='dd/MM/yyyy' default='today' /></extensionElements>"
    )
    assert node(bpmn(start(), user("u", old), chain("begin", "u")), "u").fields == (
        FormField(
            *("a", "enum", "A"),
            values=(("x", "X"), ("y", "y")),
            constraints=(("required", "true"), ("readonly", "true")),
            line=5,
        ),
        FormField("d", "date", default="today", constraints=(("datePattern", "dd/MM/yyyy"),), line=5),
    )


def test_messages_have_the_name_of_their_declaration() -> None:
    declared = '<message id="m1" name="order.changed" /><message id="m2" />'
    nameless = catch("c", "<messageEventDefinition />")
    file = bpmn(
        *(start("s", message("m1")), receive("r", "m2"), nameless, catch("d", message("x:m1"))),
        chain("s", "r", "c", "d"),
        declarations=declared,
    )
    found = [node(file, ident).event for ident in "srcd"]
    assert [event.name if event else None for event in found] == ["order.changed", "m2", "c", "order.changed"]
    assert all(event is not None and event.kind is EventKind.MESSAGE for event in found)


@pytest.mark.parametrize(
    ("how", "text", "event"),
    [
        ("after", "PT1H", Event(EventKind.TIMER, timer=TimerKind.DURATION, text="PT1H")),
        ("after", "'PT1H'", Event(EventKind.TIMER, timer=TimerKind.DURATION, text="PT1H")),
        ("on", " 2026-12-01 ", Event(EventKind.TIMER, timer=TimerKind.DATE, text="2026-12-01")),
        ("on", "${due}", Event(EventKind.TIMER, timer=TimerKind.DATE, expr=Expr("${due}", "juel"))),
        ("on", "= due", Event(EventKind.TIMER, timer=TimerKind.DATE, expr=Expr("= due", "feel"))),
        ("every", "R3/PT1H", Event(EventKind.TIMER, timer=TimerKind.CYCLE, text="R3/PT1H")),
    ],
)
def test_timers_are_a_text_or_an_expression(how: str, text: str, event: Event) -> None:
    assert node(bpmn(start(), catch("c", timer(how, text)), chain("begin", "c")), "c").event == event


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        (each("people", "who"), Loop(LoopKind.PARALLEL, Expr("people"), element="who")),
        (each("${a.b}", sequential=True), Loop(LoopKind.SEQUENTIAL, Expr("${a.b}", "juel"), element="item")),
        (
            times("${n}", inner=until_enough("= done")),
            Loop(LoopKind.PARALLEL, cardinality=Expr("${n}", "juel"), condition=Expr("= done", "feel")),
        ),
        (while_true("x > 1"), Loop(LoopKind.STANDARD, condition=Expr("x > 1"))),
        (while_true(most=3, test_before=True), Loop(LoopKind.STANDARD, maximum=3, test_before=True)),
    ],
)
def test_loops_are_read(loop: str, expected: Loop) -> None:
    assert node(bpmn(start(), user("a", loop), chain("begin", "a")), "a").loop == expected


def test_a_loop_on_what_cannot_repeat_is_not_read() -> None:
    """The schema has loops on activities only."""
    gateway = element("parallelGateway", "g", times("3"))
    assert node(bpmn(start(), gateway, user("a"), chain("begin", "g", "a")), "g").loop is None


def test_conditions_know_their_language() -> None:
    file = bpmn(
        *(start(), xor("x", "f4"), user("a"), chain("begin", "x")),
        *(flow("x", "a", "${n > 1}", "f1"), flow("x", "a", "= n > 1", "f2"), flow("x", "a", "n > 1", "f3")),
        flow("x", "a", ident="f4"),
    )
    flows = {found.id: found.condition for found in process(file).scope.flows}
    assert [flows[f"f{number}"] for number in (1, 2, 3, 4)] == [
        Expr("${n > 1}", "juel"),
        Expr("= n > 1", "feel"),
        Expr("n > 1", "python"),
        None,
    ]


def test_calls_services_and_scripts_are_read() -> None:
    result = element("serviceTask", "s", camunda__expression="${x}", camunda__resultVariable="y")
    file = bpmn(
        *(start(), result, script("t", "\nx = 1\n"), element("sendTask", "m", camunda__delegateExpression="${mail}")),
        chain("begin", "s", "t", "m"),
    )
    assert (node(file, "s").value, node(file, "s").result) == (Expr("${x}", "juel"), "y")
    assert node(file, "m").topic == "${mail}"
    assert node(file, "t").script.strip() == "x = 1"
    both = document(whole(start(), call("c", "q"), chain("begin", "c")), whole(start("b"), process="q"))
    assert node(both, "c").called == "q"


def test_the_kinds_of_elements() -> None:
    tags = {
        "task": Kind.MANUAL,
        "manualTask": Kind.MANUAL,
        "userTask": Kind.USER,
        "scriptTask": Kind.SCRIPT,
        "serviceTask": Kind.JOB,
        "sendTask": Kind.JOB,
        "receiveTask": Kind.RECEIVE,
        "exclusiveGateway": Kind.EXCLUSIVE,
        "parallelGateway": Kind.PARALLEL,
        "inclusiveGateway": Kind.INCLUSIVE,
        "intermediateThrowEvent": Kind.THROW,
        "endEvent": Kind.END,
    }
    for tag, kind in tags.items():
        assert node(bpmn(start(), element(tag, "x"), chain("begin", "x")), "x").kind is kind


def test_what_only_explains_or_draws_is_passed_over() -> None:
    extra = (
        "<textAnnotation id='t'><text>note</text></textAnnotation><association id='as' sourceRef='t' targetRef='a' />"
        "<dataObject id='d' /><dataObjectReference id='r' dataObjectRef='d' /><group id='g' />"
        "<dataStoreReference id='ds' /><ioSpecification id='io' /><other xmlns='http://example.com' />"
    )
    bundle = read_bundle({"x.bpmn": bpmn(start(), user("a"), end(), extra, chain("begin", "a", "done"))})
    assert [(problem.code, problem.element, problem.level.value) for problem in bundle.report.problems] == [
        ("data-store", "ds", "note"),
        ("foreign-element", "", "warning"),
    ]
    assert len(bundle.definitions[0][1].process.scope.nodes) == 3


def test_comments_and_processing_instructions_inside_texts_do_not_matter() -> None:
    file = bpmn(start(), script("s", "x = 1"), user("a"), chain("begin", "s", "a"))
    file = file.replace(b"<script>x = 1", b"<?pi?><script><!-- c -->x = <![CDATA[1 if 1 < 2 else 3]]>")
    assert run(file).data == {"x": 1}


def test_prefixes_of_bpmn_are_free() -> None:
    file = (FILES / "parallel.bpmn").read_text()
    for tag in ("definitions", "process", "startEvent", "userTask", "parallelGateway", "endEvent", "sequenceFlow"):
        file = file.replace(f"<{tag}", f"<bpmn:{tag}").replace(f"</{tag}", f"</bpmn:{tag}")
    file = file.replace('xmlns="http://www.omg', 'xmlns:bpmn="http://www.omg')
    assert run(file.encode(), process="parallel").open == ["books", "room", "teacher"]


def test_a_reference_to_data_that_is_not_there_is_passed_over() -> None:
    """The library's parser looks for it for ever inside a sub-process."""
    inner = sub("s", user("a"), "<dataObjectReference id='r' dataObjectRef='nowhere' />")
    assert run(bpmn(start(), inner, end(), chain("begin", "s", "done"))).open == ["a"]


def test_a_join_that_waits_for_what_nothing_leads_to_is_said() -> None:
    """The library ignores the flow in silence."""
    file = bpmn(
        *(start(), both("fork"), user("a"), user("b"), user("lost"), both("join"), end()),
        *(chain("begin", "fork", "a", "join", "done"), chain("fork", "b", "join"), chain("lost", "join")),
    )
    bundle = read_bundle({"x.bpmn": file})
    assert [(problem.code, problem.element) for problem in bundle.report.problems] == [("unreachable", "lost")]
