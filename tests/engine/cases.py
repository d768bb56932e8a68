"""Small cases of every element, each with the trail that BPMN 2.0 wants: the people's tasks in order, then the end.

A case says what happens from outside (`happens`), in order, whenever nobody has a task left to do: "later 2h", a
message, a signal. Tasks are completed in order of their names; a task that is held waits until the outside is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engine.build import (
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    document,
    each,
    element,
    end,
    first_of,
    flow,
    lane_set,
    message,
    receive,
    script,
    some,
    start,
    sub,
    terminate,
    throw,
    timer,
    times,
    until_enough,
    user,
    while_true,
    whole,
    xor,
)

DECLARED = (
    '<message id="m_order" name="order" /><signal id="s_all" name="all" />'
    '<error id="e_bad" name="bad" errorCode="E1" /><escalation id="x_up" name="up" escalationCode="X1" />'
)
SIGNAL, ERROR = '<signalEventDefinition signalRef="s_all" />', '<errorEventDefinition errorRef="e_bad" />'
ESCALATION, CANCEL = '<escalationEventDefinition escalationRef="x_up" />', "<cancelEventDefinition />"
COMPENSATE, ANY_ERROR = "<compensateEventDefinition />", "<errorEventDefinition />"
CONDITION = "<conditionalEventDefinition><condition>x == 1</condition></conditionalEventDefinition>"
MESSAGE = message()
HOUR, SOON, LATE = "PT1H", "later 1h", "later 30d"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"


@dataclass(frozen=True)
class Case:
    """One case; `given` is what the task of that name is completed with, the last one ever after."""

    name: str
    file: bytes
    trail: str
    happens: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    held: str = ""
    begins: str = ""


CASES: list[Case] = []


def case(name: str, *parts: str, trail: str, begin: str = "", declarations: str = DECLARED, **facts: Any) -> None:
    """A case whose process begins at `begin` (as drawn) or at a plain start event."""
    drawn = bpmn(*([begin] if begin else [start("s")]), *parts, declarations=declarations)
    CASES.append(Case(name, drawn, trail, **facts))


def passing(name: str, node: str, *, trail: str = "u END", **facts: Any) -> None:
    """A case of one element `n` with somebody's task `u` after it."""
    case(name, node, user("u"), end("e"), chain("s", "n", "u", "e"), trail=trail, **facts)


def beside(name: str, trigger: str, *, trail: str, interrupting: bool, **facts: Any) -> None:
    """A case of a boundary event on the held task `a`, leading to `t`."""
    parts = (user("a"), user("t"), end("e"), boundary("b", "a", trigger, interrupting=interrupting), end("e2"))
    case(name, *parts, chain("s", "a", "e"), chain("b", "t", "e2"), trail=trail, held="a", **facts)


# Tasks (10.3.3)
passing("a task without a type is a person's", element("task", "n"), trail="n u END")
passing("a user task", user("n"), trail="n u END")
passing("a manual task", element("manualTask", "n"), trail="n u END")
passing("a script task", script("n", "x = 1"))
passing("a script task without a script", element("scriptTask", "n"))
passing("a script task in another language", element("scriptTask", "n", "<script>x=1</script>", scriptFormat="groovy"))
passing("a service task", element("serviceTask", "n"))
passing("a service task with a Java class", element("serviceTask", "n", camunda__class="a.B"))
passing("a send task without a message", element("sendTask", "n"))
passing("a send task", element("sendTask", "n", messageRef="m_order"))
passing("a receive task", receive("n"), happens=("message order",))
passing("a business rule task that asks no table", element("businessRuleTask", "n"))
passing("several pools' task names may be missing", user("n"), trail="n u END")

# Repetition (13.3.6, 13.3.7)
passing("a loop with a maximum", user("n", while_true(most=3)), trail="n n n u END")
passing(
    "a loop with a condition",
    user("n", while_true("c == 0")),
    trail="n u END",
    data={"c": 0},
    given={"n": {"c": 1}},
)
passing("a loop without a condition or maximum", user("n", "<standardLoopCharacteristics />"), trail="n u END")
passing("a loop that tests before", user("n", while_true("False", test_before=True)))
passing("multi-instance without a collection", user("n", "<multiInstanceLoopCharacteristics />"), trail="n u END")
for sequential in (False, True):
    how = "in turn" if sequential else "at once"
    passing(f"three rounds {how}", user("n", times("3", sequential=sequential)), trail="n n n u END")
    passing(
        f"rounds over a collection {how}",
        user("n", each("items", sequential=sequential)),
        trail="n n n u END",
        data={"items": [1, 2, 3]},
    )
    passing(
        f"rounds until enough {how}",
        user("n", times("5", sequential=sequential, inner=until_enough("ok"))),
        trail="n u END",
        data={"ok": False},
        given={"n": {"ok": True}},
    )
    inner = (start("ss"), user("su"), end("se"), chain("ss", "su", "se"))
    passing(
        f"a repeated sub-process {how}", sub("n", *inner, loop=times("2", sequential=sequential)), trail="su su u END"
    )
    passing(f"no rounds {how}", user("n", times("0", sequential=sequential)))
    passing(
        f"rounds with collected results {how}",
        user(
            "n",
            f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
            "<loopDataInputRef>items</loopDataInputRef><loopDataOutputRef>results</loopDataOutputRef>"
            '<inputDataItem id="one" /><outputDataItem id="made" /></multiInstanceLoopCharacteristics>',
        ),
        trail="n n u END",
        data={"items": [1, 2]},
        given={"n": {"made": 7}},
    )

# Gateways, 13.4
CHOICE = (user("a"), user("b"), end("e"), chain("a", "e"), chain("b", "e"))
for language, condition in {"Python": "x == 1", "JUEL": "${x == 1}", "FEEL": "= x = 1"}.items():
    for x, taken in ((1, "a"), (2, "b")):
        case(
            f"an exclusive choice in {language}, {taken}",
            xor("g", "d"),
            *CHOICE,
            flow("s", "g"),
            flow("g", "a", condition),
            flow("g", "b", ident="d"),
            trail=f"{taken} END",
            data={"x": x},
        )
case(
    "no condition holds",
    xor("g"),
    *CHOICE,
    flow("s", "g"),
    flow("g", "a", "x == 1"),
    flow("g", "b", "x == 3"),
    trail="FAILED",
    data={"x": 2},
)
AB_JOINED = (both("g"), both("j"), user("a"), user("b"), user("u"), end("e"))
AB_FLOWS = (flow("s", "g"), flow("g", "a"), flow("g", "b"), chain("a", "j"), chain("b", "j", "u", "e"))
case("a parallel split and join", *AB_JOINED, *AB_FLOWS, trail="a b u END")
AB_APART = (both("g"), user("a"), user("b"), end("e"), end("e2"), flow("s", "g"), flow("g", "a"), flow("g", "b"))
case("a parallel split with two ends", *AB_APART, chain("a", "e"), chain("b", "e2"), trail="a b END")
case(
    "nested splits with one join",
    *(both("g"), both("g2"), both("j"), user("a"), user("b"), user("c"), user("u"), end("e")),
    *(flow("s", "g"), flow("g", "a"), flow("g", "g2"), flow("g2", "b"), flow("g2", "c")),
    *(chain("a", "j"), chain("b", "j"), chain("c", "j", "u", "e")),
    trail="a b c u END",
)
case(
    "a parallel join in a loop",
    *(xor("x0"), both("g"), both("j"), user("a"), user("b"), script("add", "n = n + 1"), xor("x", "d"), end("e")),
    *(chain("s", "x0", "g"), flow("g", "a"), flow("g", "b"), chain("a", "j"), chain("b", "j", "add", "x")),
    *(flow("x", "x0", "n < 3"), flow("x", "e", ident="d")),
    trail="a b a b a b END",
    data={"n": 0},
)
case(
    "an inclusive split and join",
    *(some("g"), some("j"), user("a"), user("b"), user("c"), user("u"), end("e")),
    *(flow("s", "g"), flow("g", "a", "True"), flow("g", "b", "True"), flow("g", "c", "False")),
    *(chain("a", "j"), chain("b", "j"), chain("c", "j", "u", "e")),
    trail="a b u END",
)
ABC = (user("a"), user("b"), user("c"), end("e"))
case(
    "a task with two flows out",
    *ABC,
    chain("s", "a"),
    flow("a", "b"),
    flow("a", "c"),
    chain("b", "e"),
    chain("c", "e"),
    trail="a b c END",
)
case(
    "a task with conditional flows out",
    *ABC,
    *(chain("s", "a"), flow("a", "b", "x == 1"), flow("a", "c", "x == 2"), chain("b", "e"), chain("c", "e")),
    trail="a b END",
    data={"x": 1},
)
case(
    "two flows into a task are two tokens",
    both("g"),
    *ABC,
    *(flow("s", "g"), flow("g", "a"), flow("g", "b"), chain("a", "c"), chain("b", "c", "e")),
    trail="a b c c END",
)
RACE = (first_of("g"), catch("c1", MESSAGE), catch("c2", timer("after", HOUR)), user("a"), user("b"), end("e"))
RACE_FLOWS = (flow("s", "g"), flow("g", "c1"), flow("g", "c2"), chain("c1", "a", "e"), chain("c2", "b", "e"))
case("a timer wins at an event gateway", *RACE, *RACE_FLOWS, trail="b END", happens=("later 2h",))
case("a message wins at an event gateway", *RACE, *RACE_FLOWS, trail="a END", happens=("message order",))
passing("a complex gateway with one flow", element("complexGateway", "n"))

# Timers (10.5.4)
for how, text, when in (
    ("on", "'2026-12-01T00:00:00+00:00'", LATE),
    ("on", "2026-12-01T00:00:00Z", LATE),
    ("on", "'2026-12-01T00:00:00Z'", LATE),
    ("after", "'PT1H'", SOON),
    ("after", "PT1H", SOON),
):
    wait = timer(how, text)
    passing(f"a timer {how} {text}", catch("n", wait), happens=(when,))
    case(
        f"a start {how} {text}",
        user("u"),
        end("e"),
        chain("s", "u", "e"),
        begin=start("s", wait),
        trail="u END",
        begins="s",
    )
    beside(f"an interrupting timer {how} {text}", wait, trail="t END", interrupting=True, happens=(when,))
    beside(f"a timer beside {how} {text}", wait, trail="t a END", interrupting=False, happens=(when,))
passing("a cycle waited for turns once", catch("n", timer("every", "R3/PT1H")), happens=(SOON,))
beside(
    "a cycle beside a task turns twice",
    timer("every", "R2/PT1H"),
    trail="t t a END",
    interrupting=False,
    happens=(SOON, SOON, SOON, SOON),
)
cycled = start("s", timer("every", "R2/PT1H"))
case("a start by a cycle", user("u"), end("e"), chain("s", "u", "e"), begin=cycled, trail="u END", begins="s")
passing("a cron cycle", catch("n", timer("every", "0 0 9 ? * MON-FRI")), happens=("later 7d",))
passing("a timer without a time is a person's", catch("n", "<timerEventDefinition />"), trail="n u END")

# Messages, signals, conditions (10.5.2, 10.5.4)
for what, trigger, comes in (("message", MESSAGE, "message order"), ("signal", SIGNAL, "signal all")):
    passing(f"a {what} caught", catch("n", trigger), happens=(comes,))
    case(
        f"a {what} start",
        user("u"),
        end("e"),
        chain("s", "u", "e"),
        begin=start("s", trigger),
        trail="u END",
        begins="s",
    )
    beside(f"an interrupting {what}", trigger, trail="t END", interrupting=True, happens=(comes,))
    beside(f"a {what} beside a task", trigger, trail="t a END", interrupting=False, happens=(comes,))
    passing(f"a {what} thrown", throw("n", trigger))
    case(f"a {what} end", user("u"), end("e", trigger), chain("s", "u", "e"), trail="u END")
passing("a condition that holds already", catch("n", CONDITION), data={"x": 1})
SETS = (both("g"), script("set", "x = 1"), user("w"), flow("s", "g"), chain("g", "w", "set", "e3"), end("e3"))
case(
    "a condition that becomes true beside",
    *SETS,
    *(catch("n", CONDITION), user("u"), end("e"), chain("g", "n", "u", "e")),
    trail="w u END",
    data={"x": 0},
)
for stops, trail in ((True, "w t END"), (False, "w t a END")):
    case(
        f"a condition at a task's edge, interrupting {stops}",
        *SETS,
        *(user("a"), user("t"), end("e"), end("e2"), boundary("b", "a", CONDITION, interrupting=stops)),
        *(chain("g", "a", "e"), chain("b", "t", "e2")),
        trail=trail,
        data={"x": 0},
        held="a",
    )
passing("nothing is thrown", throw("n"))
passing("an escalation nobody hears", throw("n", ESCALATION))
case(
    "a link",
    *(throw("l1", '<linkEventDefinition name="L" />'), catch("l2", '<linkEventDefinition name="L" />')),
    *(user("u"), end("e"), chain("s", "l1"), chain("l2", "u", "e")),
    trail="u END",
)
passing("compensation of nothing", throw("n", COMPENSATE))
UNDO = '<association id="as1" sourceRef="b" targetRef="h" associationDirection="One" />'
case(
    "compensation that nobody throws",
    *(user("a"), user("h", isForCompensation="true"), end("e"), boundary("b", "a", COMPENSATE), UNDO),
    chain("s", "a", "e"),
    trail="a END",
)
case(
    "compensation thrown",
    *(user("a"), user("h", isForCompensation="true"), throw("c", COMPENSATE), user("u"), end("e")),
    *(boundary("b", "a", COMPENSATE), UNDO, chain("s", "a", "c", "u", "e")),
    trail="a h u END",
)
case(
    "a terminate end",
    *AB_APART[:3],
    end("e", terminate()),
    *AB_APART[4:],
    chain("a", "e"),
    chain("b", "e2"),
    trail="a END",
)
case(
    "two events caught as one",
    *(catch("n", MESSAGE + SIGNAL), user("u"), end("e"), chain("s", "n", "u", "e")),
    trail="u END",
    happens=("signal all",),
)

# Sub-processes (10.3.5, 13.3.4)


def inside(*, ending: str = "") -> tuple[str, ...]:
    return start("ss"), user("su"), end("se", ending), chain("ss", "su", "se")


def caught(trigger: str, *, interrupting: bool = True) -> tuple[str, ...]:
    parts = (user("u"), user("t"), end("e"), end("e2"), boundary("b", "n", trigger, interrupting=interrupting))
    return *parts, chain("s", "n", "u", "e"), chain("b", "t", "e2")


passing("a sub-process", sub("n", *inside()), trail="su u END")
passing("a sub-process without an end", sub("n", start("ss"), user("su"), chain("ss", "su")), trail="su u END")
passing("a sub-process without a start", sub("n", user("su"), end("se"), chain("su", "se")), trail="su u END")
passing("an empty sub-process", sub("n"))
for what, trigger in (("error", ERROR), ("escalation", ESCALATION)):
    case(f"an {what} caught at the sub-process", sub("n", *inside(ending=trigger)), *caught(trigger), trail="su t END")
case("an error caught by any", sub("n", *inside(ending=ERROR)), *caught(ANY_ERROR), trail="su t END")
case("an error end nobody catches", user("u"), end("e", ERROR), chain("s", "u", "e"), trail="u END")
case(
    "an escalation beside the sub-process",
    sub("n", start("ss"), throw("th", ESCALATION), user("su"), end("se"), chain("ss", "th", "su", "se")),
    *caught(ESCALATION, interrupting=False),
    trail="su t u END",
)
case(
    "a transaction cancelled",
    element("transaction", "n", "".join(inside(ending=CANCEL))),
    *caught(CANCEL),
    trail="su t END",
)
case(
    "a timer on a sub-process",
    sub("n", *inside()),
    *caught(timer("after", HOUR)),
    trail="t END",
    happens=("later 2h",),
    held="su",
)


def event_sub(trigger: str, *, interrupting: bool) -> str:
    begin = start("es", trigger, isInterrupting=str(interrupting).lower())
    return element(
        "subProcess", "esp", begin + user("eu") + end("ee") + chain("es", "eu", "ee"), triggeredByEvent="true"
    )


for what, trigger, comes in (
    ("message", MESSAGE, "message order"),
    ("signal", SIGNAL, "signal all"),
    ("timer", timer("after", HOUR), "later 2h"),
):
    body = (user("a"), end("e"), chain("s", "a", "e"))
    for stops, trail in ((True, "eu END"), (False, "eu a END")):
        case(
            f"an event sub-process by {what}, interrupting {stops}",
            *body,
            event_sub(trigger, interrupting=stops),
            trail=trail,
            happens=(comes,),
            held="a",
        )
    case(f"an event sub-process whose {what} never comes", *body, event_sub(trigger, interrupting=True), trail="a END")
case(
    "an event sub-process catches an error",
    *(user("a"), end("e", ERROR), chain("s", "a", "e"), event_sub(ERROR, interrupting=True)),
    trail="a eu END",
)

# Calls (10.3.6, 13.3.4)
CALLED = whole(start("cs"), user("cu"), end("ce"), chain("cs", "cu", "ce"), process="q")
CALLED_BAD = whole(start("cs"), user("cu"), end("ce", ERROR), chain("cs", "cu", "ce"), process="q")


def calling(name: str, node: str, called: str, *more: str, trail: str) -> None:
    parts = (start("s"), node, *(more or (user("u"), end("e"), chain("s", "n", "u", "e"))))
    CASES.append(Case(name, document(whole(*parts), called, declarations=DECLARED), trail))


calling("a call", call("n", "q"), CALLED, trail="q/cu u END")
zeebe = f'<extensionElements><z:calledElement xmlns:z="{ZEEBE}" processId="q" /></extensionElements>'
calling("a call in Camunda 8's words", element("callActivity", "n", zeebe), CALLED, trail="q/cu u END")
calling("an error of a called process", call("n", "q"), CALLED_BAD, *caught(ERROR), trail="q/cu t END")

# Data, lanes and pools: 10.4, 9.3
DATA_OBJECT = '<dataObject id="do1" /><dataObjectReference id="dr1" dataObjectRef="do1" />'


def writes(reference: str) -> str:
    return f'<dataOutputAssociation id="out1"><targetRef>{reference}</targetRef></dataOutputAssociation>'


AE = (end("e"), chain("s", "a", "e"))
case("a data object", DATA_OBJECT, user("a", writes("dr1")), *AE, trail="a END", given={"a": {"do1": 5}})
case("a data object that stays empty", DATA_OBJECT, user("a", writes("dr1")), *AE, trail="a END")
STORE = '<dataStoreReference id="ds1" name="D" />'
case("a data store", STORE, user("a", writes("ds1")), *AE, trail="a END")
case("a declared data store", user("a"), *AE, trail="a END", declarations=DECLARED + '<dataStore id="ds" name="D" />')
case("a lane", lane_set(IT="a"), user("a"), *AE, trail="a END")
POOL = '<collaboration id="c"><participant id="pa" processRef="p" /></collaboration>'
case("a pool", user("a"), *AE, trail="a END", declarations=DECLARED + POOL)
case("a comment in the file", "<!-- nothing -->", user("a"), *AE, trail="a END")

# Ad-hoc sub-processes (10.3.5)
ENOUGH = "<completionCondition>enough</completionCondition>"
AD_HOC = (user("u"), end("e"), chain("s", "z", "u", "e"))
case(
    "an ad-hoc sub-process until its condition holds",
    element("adHocSubProcess", "z", user("x1") + user("x2") + ENOUGH),
    *AD_HOC,
    trail="z x1 z x2 u END",
    data={"enough": False},
    given={"z": {"next_activity": ["x1", "x2"]}, "x2": {"enough": True}},
)
case(
    "an ad-hoc sub-process until somebody finishes it",
    element("adHocSubProcess", "z", user("x1") + user("x2")),
    *AD_HOC,
    trail="z x1 z x2 z u END",
    given={"z": {"next_activity": ["x1", "x2", ".finish"]}},
)

# Starts and ends (13.5.1, 13.5.6)
case("two start events", start("s2"), user("a"), *AE, flow("s2", "a"), trail="a END", begins="s")
CASES.append(Case("no start event", bpmn(user("a"), end("e"), chain("a", "e")), "a END"))
case("no end event", user("a"), chain("s", "a"), trail="a END")
case(
    "two timers on one task",
    *(user("a"), user("t"), user("t2"), end("e"), end("e2"), end("e3")),
    boundary("b1", "a", timer("after", "PT1H"), interrupting=False),
    boundary("b2", "a", timer("after", "PT2H")),
    *(chain("s", "a", "e"), chain("b1", "t", "e2"), chain("b2", "t2", "e3")),
    trail="t t2 END",
    happens=(SOON, SOON),
    held="a",
)
case(
    "a task with a timer in a loop",
    *(xor("x0"), user("a"), user("t"), script("add", "n = n + 1"), xor("x", "d"), end("e"), end("e2")),
    boundary("b", "a", timer("after", HOUR), interrupting=False),
    *(chain("s", "x0", "a", "add", "x"), flow("x", "x0", "n < 3"), flow("x", "e", ident="d"), chain("b", "t", "e2")),
    trail="a a a END",
    data={"n": 0},
)
