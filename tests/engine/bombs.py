"""Files made to harm whoever reads or runs them: each by what it tries, with the code and element of its refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.engine.build import (
    EVENTS,
    HEAD,
    both,
    boundary,
    bpmn,
    call,
    catch,
    chain,
    document,
    each,
    end,
    event_sub,
    flow,
    message,
    script,
    some,
    start,
    sub,
    throw,
    timer,
    times,
    user,
    while_true,
    whole,
    xor,
)


@dataclass(frozen=True)
class Bomb:
    """An upload, and the problem it must be refused with."""

    code: str
    element: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


def bomb(code: str, element: str, content: bytes | str, **beside: bytes) -> Bomb:
    """One file, and those beside it (`__` in a name stands for a dot)."""
    made = content if isinstance(content, bytes) else content.encode()
    return Bomb(code, element, {"bomb.bpmn": made, **{name.replace("__", "."): each for name, each in beside.items()}})


LINE = (start(), user("a"), end(), chain("begin", "a", "done"))
GOOD = bpmn(*LINE).decode()
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BODY = GOOD.partition("?>")[2]


def with_dtd(subset: str) -> str:
    """The good file, with a document type before its root."""
    return f"<?xml version='1.0'?>\n<!DOCTYPE definitions {subset}>\n{BODY.lstrip()}"


DTD = {
    "a bare document type": with_dtd(""),
    "an internal entity": with_dtd('[<!ENTITY a "b">]'),
    "a billion laughs": with_dtd(f'[<!ENTITY l0 "lol">{LAUGHS}]'),
    "a quadratic blow-up": with_dtd(f'[<!ENTITY a "{"x" * 50_000}">]'),
    "an entity that holds itself": with_dtd('[<!ENTITY a "&b;"><!ENTITY b "&a;">]'),
    "a file of the server": with_dtd('[<!ENTITY a SYSTEM "file:///etc/passwd">]'),
    "an address inside the house": with_dtd('[<!ENTITY a SYSTEM "http://169.254.169.254/latest/meta-data/">]'),
    "an outside subset": with_dtd('SYSTEM "http://example.org/evil.dtd"'),
    "a public subset": with_dtd('PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://example.org/evil.dtd"'),
    "parameter entities": with_dtd('[<!ENTITY % a SYSTEM "http://example.org/a.dtd"> %a;]'),
    "an attribute by default": with_dtd('[<!ATTLIST process isExecutable CDATA "true">]'),
    "an element type": with_dtd("[<!ELEMENT definitions ANY>]"),
    "a notation": with_dtd('[<!NOTATION a SYSTEM "a">]'),
    "behind a comment": f"<?xml version='1.0'?><!-- <a> --><!DOCTYPE definitions>{BODY}",
    "behind an instruction": f"<?xml version='1.0'?><?a b?><!DOCTYPE definitions []>{BODY}",
    "over several lines": f"<?xml version='1.0'?>\n\n\n<!DOCTYPE\ndefinitions\n[\n]>{BODY}",
}
XML = {
    "far too deep": bomb("too-deep", "", HEAD + "<a>" * 10_000 + "</a>" * 10_000),
    "a little too deep": bomb("too-deep", "", HEAD + "<a>" * 61 + "</a>" * 61 + "</definitions>"),
    "sub-processes in sub-processes": bomb(
        "too-deep",
        "",
        HEAD
        + '<process id="p">'
        + "".join(f'<subProcess id="s{n}">' for n in range(70))
        + "</subProcess>" * 70
        + "</process></definitions>",
    ),
    "very many elements": bomb("too-deep", "", HEAD + "<a/>" * 60_001 + "</definitions>"),
    "an attribute without end": bomb("too-large", "", f'{HEAD}<a b="{"x" * 6_000_000}"/></definitions>'),
    "a text without end": bomb("too-large", "", f"{HEAD}<a>{'x' * 6_000_000}</a></definitions>"),
    "comments without end": bomb("too-large", "", f"{HEAD}{'<!-- x -->' * 600_000}</definitions>"),
    "an attribute twice": bomb("not-xml", "", f'{HEAD}<a b="1" b="2"/></definitions>'),
    "an entity nobody declared": bomb("not-xml", "", f"{HEAD}<a>&lol;</a></definitions>"),
    "a character that is none": bomb("not-xml", "", f"{HEAD}<a>&#0;</a></definitions>"),
    "a prefix nobody declared": bomb("not-xml", "", f"{HEAD}<evil:a/></definitions>"),
    "an encoding that runs code": bomb("encoding", "", '<?xml version="1.0" encoding="unicode_escape"?><a/>'),
    "an encoding that unpacks": bomb("encoding", "", '<?xml version="1.0" encoding="bz2_codec"?><a/>'),
    "UTF-7": bomb("encoding", "", '<?xml version="1.0" encoding="utf-7"?><a/>'),
    "a name without end": bomb("long-value", "a", bpmn(start(), user("a", name="x" * 200_000), chain("begin", "a"))),
    "an id without end": bomb("bad-id", "", bpmn(start(), user("a" * 10_000), chain("begin", "a" * 10_000))),
}
"""What is no XML as we read it."""


def calls(*pairs: tuple[str, str]) -> str:
    """Processes that call each other: who, whom."""
    processes = (
        whole(start(f"b_{who}"), call(f"c_{who}", whom), chain(f"b_{who}", f"c_{who}"), process=who)
        for who, whom in pairs
    )
    return document(*processes).decode()


def deep_calls(count: int) -> str:
    last = whole(start("b_last"), user("u"), chain("b_last", "u"), process=f"p{count}")
    pairs = [(f"p{number}", f"p{number + 1}") for number in range(count)]
    return calls(*pairs).replace("</definitions>", f"{last}</definitions>")


IN_A_SUB = sub("s", start("in"), call("again", "p"), chain("in", "again"))
IN_AN_EVENT = event_sub("e", message(), call("again", "p"), chain("e_on", "again"))
CALLS = {
    "a process that calls itself": bomb("cyclic-call", "c_p", calls(("p", "p"))),
    "two that call each other": bomb("cyclic-call", "c_q", calls(("p", "q"), ("q", "p"))),
    "three in a ring": bomb("cyclic-call", "c_r", calls(("p", "q"), ("q", "r"), ("r", "p"))),
    "one that leads into a ring": bomb("cyclic-call", "c_r", calls(("p", "q"), ("q", "r"), ("r", "q"))),
    "itself, from a sub-process": bomb("cyclic-call", "again", bpmn(start(), IN_A_SUB, chain("begin", "s"))),
    "itself, when a message comes": bomb("cyclic-call", "again", bpmn(*LINE, IN_AN_EVENT, declarations=EVENTS)),
    "itself a thousand times at once": bomb(
        "cyclic-call", "c", bpmn(start(), call("c", "p", times("1000")), chain("begin", "c"))
    ),
    "calls in calls in calls": bomb("calls-too-deep", "c_p20", deep_calls(30)),
    "a call to nothing": bomb("call-missing", "c_p", calls(("p", "nowhere"))),
}


def looping(*parts: str) -> bytes:
    return bpmn(start(), *parts)


LOOPS = {
    "a gateway that leads to itself": bomb("endless-loop", "x", looping(xor("x"), chain("begin", "x", "x"))),
    "two gateways without a way out": bomb(
        "endless-loop", "x", looping(xor("x"), xor("y"), chain("begin", "x", "y", "x"))
    ),
    "a fork that feeds itself": bomb(
        "endless-loop",
        "f",
        looping(both("f"), chain("begin", "f"), *(flow("f", "f", ident=f"again{n}") for n in range(3))),
    ),
    "a script that goes round": bomb("endless-loop", "s", looping(script("s", "n = 1"), chain("begin", "s", "s"))),
    "an inclusive split that goes round": bomb(
        "endless-loop",
        "o",
        looping(some("o"), some("o2"), chain("begin", "o", "o2", "o"), flow("o", "o2", "n > 1", "f2")),
    ),
    "a throw that goes round": bomb(
        "endless-loop", "t", bpmn(start(), throw("t", message()), chain("begin", "t", "t"))
    ),
    "round inside a sub-process": bomb(
        "endless-loop", "x", looping(sub("s", start("in"), xor("x"), chain("in", "x", "x")), chain("begin", "s"))
    ),
}
MANY = {
    "a million times": times("1000000"),
    "a million times, in turn": times("1000000", sequential=True),
    "one more than may be": times("1001"),
    "a power": times("10 ** 6"),
    "a product": times("1000 * 1000"),
    "a number with an exponent": times("1e9"),
    "in JUEL": times("${1000000}"),
    "in FEEL": times("= 1000000"),
    "a list in FEEL": each("= [" + ", ".join(["1"] * 1_500) + "]"),
    "a list of lists in FEEL": each("= for a in 1..40, b in 1..40 return a * b"),
    "a FEEL range": each("= for i in 1..5000 return i"),
}
"""Repeated far too often by what the file itself says."""


def nested(*counts: str) -> bytes:
    inner = user("u", times(counts[-1]))
    name = "u"
    for number, count in enumerate(reversed(counts[:-1])):
        inner = sub(f"s{number}", start(f"i{number}"), inner, chain(f"i{number}", name), loop=times(count))
        name = f"s{number}"
    return looping(inner, chain("begin", name))


REPEATS = {
    **{what: bomb("too-many-items", "u", looping(user("u", loop), chain("begin", "u"))) for what, loop in MANY.items()},
    "a call a million times": bomb(
        "too-many-items",
        "c_p",
        calls(("p", "q"))
        .replace("</callActivity>", f"{times('1000000')}</callActivity>")
        .replace('calledElement="q" />', f'calledElement="q">{times("1000000")}</callActivity>')
        .replace("</definitions>", whole(start("bq"), user("uq"), chain("bq", "uq"), process="q") + "</definitions>"),
    ),
    "a sub-process a million times": bomb(
        "too-many-items",
        "s",
        looping(sub("s", start("in"), user("u"), chain("in", "u"), loop=times("1000000")), chain("begin", "s")),
    ),
    "a thousand in a thousand": bomb("too-many-at-once", "u", nested("1000", "1000")),
    "twenty in twenty in twenty": bomb("too-many-at-once", "u", nested("20", "20", "20")),
    "ten, five deep": bomb("too-many-at-once", "s0", nested("10", "10", "10", "10", "10")),
    "a loop of a billion rounds": bomb(
        "too-many-rounds", "u", looping(user("u", while_true("true", most=999_999_999)), chain("begin", "u"))
    ),
    "a loop without a condition, of a million": bomb(
        "too-many-rounds", "s", looping(script("s", "n = 1", while_true(most=1_000_000)), chain("begin", "s"))
    ),
}


def waiting(trigger: str) -> bytes:
    return looping(
        user("u"), boundary("t", "u", trigger, interrupting=False), user("v"), chain("begin", "u"), chain("t", "v")
    )


TOO_OFTEN = {
    "each second for ever": "R/PT1S",
    "each second, a million times": "R1000000/PT1S",
    "at once, for ever": "R/PT0S",
    "twice a minute for ever": "R/PT30S",
    "each second, often": "R99999/PT1S",
    "each second, by cron": "* * * * * ?",
    "every ten seconds, by cron": "*/10 * * * * *",
    "each second from a date on": "R/2026-01-01T00:00:00Z/PT1S",
    "each second until a date": "R/PT1S/2126-01-01T00:00:00Z",
    "a bare second": "PT1S",
}
NO_TIMES = {
    "never": "R0/PT1H",
    "backwards": "R-1/PT1H",
    "a million times": "R1000000/PT1H",
    "a billion times": "R999999999/P1D",
    "more often than digits hold": f"R{'9' * 400}/PT1H",
    "a duration without end": f"PT{'9' * 5_000}S",
    "cron without end": "* " * 5_000,
    "cron with a list without end": ",".join(["1"] * 5_000) + " * * * *",
    "the thirtieth of February": "0 0 30 2 *",
    "a negative cycle": "R/-PT1H",
}
TIMERS = {
    **{
        what: bomb("timer-too-often" if text != "R1000000/PT1S" else "timer", "t", waiting(timer("every", text)))
        for what, text in TOO_OFTEN.items()
    },
    **{what: bomb("timer", "t", waiting(timer("every", text))) for what, text in NO_TIMES.items()},
    "a start each second": bomb(
        "timer-too-often", "begin", bpmn(start(inner=timer("every", "R/PT1S")), user("a"), chain("begin", "a"))
    ),
    "an event sub-process each second": bomb(
        "timer-too-often",
        "e_on",
        bpmn(*LINE, event_sub("e", timer("every", "R/PT1S"), user("v"), chain("e_on", "v"), interrupting=False)),
    ),
}


def conditions(text: str) -> bytes:
    return looping(
        xor("x", "x-b"), user("a"), user("b"), chain("begin", "x"), flow("x", "a", text, "f"), flow("x", "b")
    )


DECISION = (
    '<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
    ' namespace="x">%s</definitions>'
)
SIZES = {
    "more elements than a process may have": bomb(
        "too-many-elements", "p", bpmn(*LINE, *(user(f"u{n}") for n in range(5_000)))
    ),
    "more flows than a process may have": bomb(
        "too-many-elements", "p", bpmn(*LINE, *(flow("begin", "a", ident=f"f{n}") for n in range(5_000)))
    ),
    "more processes than a file may have": bomb(
        "too-many-processes",
        "definitions",
        document(*(whole(start(f"s{n}"), user(f"u{n}"), process=f"p{n}") for n in range(201))),
    ),
    "more start events than may wait": bomb(
        "too-many-starts",
        "m100",
        bpmn(*LINE, *(start(f"m{n}", message()) for n in range(101)), *(chain(f"m{n}", "a") for n in range(101))),
    ),
    "more triggers than an event may have": bomb(
        "too-many-triggers", "c", looping(catch("c", message() * 51), chain("begin", "c"))
    ),
    "a condition without end": bomb("expression", "f", conditions("n > 1 and " * 2_000 + "n > 1")),
    "a condition in brackets without end": bomb("expression", "f", conditions("(" * 2_000 + "n" + ")" * 2_000)),
    "a condition of minus signs": bomb("expression", "f", conditions("-" * 5_000 + "1")),
    "a FEEL condition in brackets": bomb("expression", "f", conditions("= " + "(" * 2_000 + "n" + ")" * 2_000)),
    "a JUEL condition in brackets": bomb("expression", "f", conditions("${" + "(" * 2_000 + "n" + ")" * 2_000 + "}")),
    "a script without end": bomb(
        "expression", "s", looping(script("s", "n = 1\n" * 20_000), user("u"), chain("begin", "s", "u"))
    ),
    "very much to read altogether": bomb(
        "too-much",
        "",
        looping(
            *(script(f"s{n}", "n = 1\n" * 2_000) for n in range(60)),
            user("u"),
            chain("begin", *(f"s{n}" for n in range(60)), "u"),
        ),
    ),
}
PATTERNS = {
    "a back-reference": r'matches(n, "(a+)\1+$")',
    "a look-ahead": 'matches(n, "(?=a+)a+$")',
    "a look-behind": 'matches(n, "(?<=a)b")',
    "repetitions of repetitions": 'matches(n, "((a{1000}){1000}){1000}")',
    "very many repetitions": 'matches(n, "a{100000}")',
    "a pattern without end": f'matches(n, "{"a" * 5_000}")',
}
"""In FEEL; all others take a time that grows as the text does."""
REGEXES = {what: bomb("expression", "f", conditions(f"= {escape(text)}")) for what, text in PATTERNS.items()}


def blocks(split: Callable[[str], str], count: int, width: int) -> bytes:
    """Splits and joins in a row: a search that follows every way through them all does not end."""
    parts, ways, last = [start()], [], "begin"
    for number in range(count):
        begins, ends = f"s{number}", f"j{number}"
        tasks = [f"u{number}_{way}" for way in range(width)]
        parts += [split(begins), split(ends), *map(user, tasks)]
        ways += [flow(last, begins), *(chain(begins, task, ends) for task in tasks)]
        last = ends
    return bpmn(*parts, *ways, end(), flow(last, "done"))


def lattice(split: Callable[[str], str], depth: int) -> bytes:
    """Each layer's two lead to both of the next: twice as many ways with each."""
    parts, ways = [start(), split("l0"), *(split(f"{side}{n}") for n in range(1, depth) for side in "lr")], []
    for number in range(1, depth):
        for before in ("l", "r") if number > 1 else ("l",):
            ways += [flow(f"{before}{number - 1}", f"{side}{number}", f"n{number} > 1") for side in "lr"]
    parts += [user("u"), end()]
    last = depth - 1
    return bpmn(*parts, flow("begin", "l0"), *ways, flow(f"l{last}", "u"), flow(f"r{last}", "u"), flow("u", "done"))


def wide_calls(depth: int) -> bytes:
    """Each process calls the next one ten times: a tree of all calls has ten to the depth."""
    made = []
    for number in range(depth):
        each_call = [call(f"c{number}_{n}", f"p{number + 1}") for n in range(10)]
        ids = [f"c{number}_{n}" for n in range(10)]
        made.append(whole(start(f"b{number}"), *each_call, chain(f"b{number}", *ids), process=f"p{number}"))
    last = whole(start("bl"), user("ul"), chain("bl", "ul"), process=f"p{depth}")
    return document(*made, last)


def choices(count: int) -> bytes:
    """One gateway whose conditions ask for very many values together."""
    condition = " and ".join(f"(a{n} == 1 or a{n} == 2)" for n in range(count))
    return conditions(condition)


HEAVY: Mapping[str, bytes] = {
    "parallel blocks in a row": blocks(both, 30, 10),
    "inclusive blocks in a row": blocks(some, 20, 10),
    "exclusive blocks in a row": blocks(xor, 30, 10),
    "a lattice of exclusive gateways": lattice(xor, 40),
    "a lattice of inclusive gateways": lattice(some, 40),
    "a tree of calls": wide_calls(18),
    "conditions of many values": choices(60),
    "a line of a thousand tasks": looping(
        *(user(f"u{n}") for n in range(1_000)), chain("begin", *(f"u{n}" for n in range(1_000)))
    ),
    "one task after which all thousand come": looping(
        both("x"),
        *(user(f"u{n}") for n in range(1_000)),
        chain("begin", "x"),
        *(chain("x", f"u{n}") for n in range(1_000)),
    ),
    "a pattern that others choke on": conditions('= matches(n, "^(a+)+$")'),
    "a pattern of alternatives that others choke on": conditions('= matches(n, "^(a|aa|a?)+$")'),
    "many events on one task": looping(
        user("u"),
        *(boundary(f"e{n}", "u", message(), interrupting=False) for n in range(300)),
        chain("begin", "u"),
        *(chain(f"e{n}", f"v{n}") for n in range(300)),
        *(user(f"v{n}") for n in range(300)),
    ),
    "repetitions within the bounds": nested("50", "100"),
    "sub-processes, as deep as may be": nested(*["1"] * 20),
}
"""Nothing of these is wrong: they are read, checked and built in the time of an upload."""

BOMBS: Mapping[str, Bomb] = {
    **{f"DTD: {what}": bomb("dtd", "", content) for what, content in DTD.items()},
    "DTD: in UTF-16": bomb("dtd", "", with_dtd("").replace("<?xml version='1.0'?>", "").encode("utf-16")),
    **{
        f"{group}: {what}": one
        for group, found in (
            ("XML", XML),
            ("calls", CALLS),
            ("loops", LOOPS),
            ("repeats", REPEATS),
            ("timers", TIMERS),
            ("sizes", SIZES),
            ("patterns", REGEXES),
        )
        for what, one in found.items()
    },
}
