"""Owns checking everything a process says in words of its own: conditions, scripts, assignments, titles, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from engine.definitions.kinds import Kind, TimerKind
from engine.definitions.model import Flow, Node, Process
from engine.definitions.parts import Event, Expr
from engine.definitions.report import At, Report
from engine.expressions import (
    N_,
    Expression,
    ExpressionError,
    Language,
    Message,
    compile_expression,
    compile_script,
    compile_template,
)
from engine.names import FUNCTIONS
from engine.timing import MINIMUM_INTERVAL, Cron, Cycle, NotATime, Time, parse_duration, parse_time

TOO_OFTEN = "timer-too-often"
MOST_SLOWED = 1_000
"""Rounds of a cycle that is slowed to once a minute where it asks for more: files drawn to be looked at have such."""
PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}", re.ASCII)
MAX_NAME = 255
TEMPLATES = ("title",)
EXPRESSIONS = ("owner", "correlation")
TIMES = (
    "sla.first_response",
    "sla.resolution",
    "accept.within",
    "urge.cooldown",
    "urge.answer",
    "close.after",
    "reopen.within",
)


def compile_expr(expr: Expr, more: frozenset[str] = frozenset()) -> Expression:
    """The expression as written, compiled; a literal is text that may hold `${…}` parts. It may call `more` besides."""
    if expr.language == "literal":
        return compile_template(expr.text, functions=FUNCTIONS | more)
    return compile_expression(expr.text, Language(expr.language), functions=FUNCTIONS | more)


def check_wording(process: Process, report: Report) -> None:
    """Whatever is not understood is refused now, never in front of the person completing a task."""
    _check_settings(process, report)
    for scope in process.scope.scopes():
        for flow in scope.flows:
            _check_expr(flow.condition, _at(flow), N_("The condition"), report)
        for node in scope.nodes:
            for what, expr in _expressions(node):
                _check_expr(expr, _at(node), what, report)
            _check_scripts(node, report)
            for event in (node.event, *node.event.of) if node.event is not None else ():
                _check_timer(event, node, report)
                _check_name(event, node, report)


def _expressions(node: Node) -> Iterator[tuple[str, Expr | None]]:
    work, loop = node.work, node.loop
    if work is not None:
        yield N_("The assignee"), work.assignee
        yield from ((N_("A candidate"), expr) for expr in (*work.users, *work.groups))
        yield N_("The due date"), work.due
        yield N_("The follow-up date"), work.follow_up
        yield N_("The priority"), work.priority
    if loop is not None:
        yield N_("The collection"), loop.collection
        yield N_("What a round gives"), loop.output_value
        yield N_("The number of times"), loop.cardinality
        yield N_("The loop's condition"), loop.condition
    if node.ad_hoc is not None:
        yield N_("The completion condition"), node.ad_hoc.condition
    yield N_("The value"), node.value
    yield from ((N_("What goes in"), assign.value) for assign in node.inputs)
    yield from ((N_("What comes out"), assign.value) for assign in node.outputs)
    for event in (node.event, *node.event.of) if node.event is not None else ():
        yield N_("The time") if event.timer is not None else N_("The condition"), event.expr
        yield N_("The name"), event.naming
        yield N_("The correlation key"), event.key


def _check_expr(expr: Expr | None, at: At, what: str, report: Report) -> None:
    if expr is None or not report.has_room(at, characters=len(expr.text)):
        return
    try:
        compile_expr(expr)
    except ExpressionError as error:
        report.expression(at, what, error)


def _check_scripts(node: Node, report: Report) -> None:
    if node.kind is Kind.SCRIPT and node.value is None and not node.script.strip():
        problem = N_("The script is empty; nothing happens here.")
        report.warning("script-empty", _at(node), problem, N_("Write the script, or delete the task."))
    for script in (node.script, node.before, node.after):
        if script.strip() and report.has_room(_at(node), characters=len(script)):
            try:
                compile_script(script, functions=FUNCTIONS)
            except ExpressionError as error:
                report.expression(_at(node), N_("The script"), error)


def _check_timer(event: Event, node: Node, report: Report) -> None:
    if event.timer is None or not event.text:
        return
    if node.kind is Kind.CATCH and event.timer is TimerKind.CYCLE:
        problem = N_("A waiting event cannot repeat; only its first turn counts.")
        report.warning("cycle-once", _at(node), problem, N_("Use a duration."))
    try:
        _say_rewritten(check_time(event.timer, event.text), node, report)
    except NotATime as error:
        remedy = N_("Write a date, a duration (PT2H), a cycle (R3/PT1H) or cron (0 9 * * MON-FRI).")
        wrong = _wrong(event, error)
        report.error("timer", _at(node), wrong.text, remedy, **wrong.params)


def _wrong(event: Event, error: NotATime) -> Message:
    """Of what was drawn as a duration it is said that it is none, whatever else it might have been."""
    if event.timer is TimerKind.DURATION:
        try:
            parse_duration(event.text.strip())
        except NotATime as none:
            return none.message
    return error.message


def _check_name(event: Event, node: Node, report: Report) -> None:
    """Other systems send it by this name, and the database finds it by an index."""
    name = event.name
    if len(name) > MAX_NAME or not name.isprintable():
        problem = N_("The message name “%(message)s” is not one line of at most %(limit)s characters.")
        remedy = N_("Give the message a short name, such as order.paid.")
        report.error("message-name", _at(node), problem, remedy, message=name[:60], limit=MAX_NAME)


def _say_rewritten(time: Time, node: Node, report: Report) -> None:
    """What the text asks for and is not kept to the letter."""
    if not isinstance(time, Cycle):
        return
    if time.raised and (time.rounds is None or time.rounds > MOST_SLOWED):
        _refuse_often(node, report)
    elif time.raised:
        problem = N_("A timer turns at most once in %(seconds)s seconds; this one would turn more often.")
        remedy = N_("Give it a longer interval, such as PT5M.")
        report.warning("cycle-raised", _at(node), problem, remedy, seconds=int(MINIMUM_INTERVAL.total_seconds()))
    if isinstance(time.every, Cron) and time.every.text.numbered:
        problem = N_("The numbers of its weekdays are read as Quartz counts them: 1 is Sunday, 2 is Monday.")
        report.note("cron-weekdays", _at(node), problem, N_("Write names such as MON-FRI; nobody takes them wrongly."))


def _refuse_often(node: Node, report: Report) -> None:
    seconds = int(MINIMUM_INTERVAL.total_seconds())
    remedy = N_("Give it a longer interval, such as R/PT5M, or a few rounds, such as R3/PT10S.")
    if report.lenient:
        problem = N_(
            "An upload is refused for this timer: it turns more often than once in %(seconds)s seconds, without end or "
            "very many times."
        )
        report.warning(TOO_OFTEN, _at(node), problem, remedy, seconds=seconds)
    else:
        problem = N_("The timer turns more often than once in %(seconds)s seconds, without end or very many times.")
        report.error(TOO_OFTEN, _at(node), problem, remedy, seconds=seconds)


def check_time(kind: TimerKind, text: str) -> Time:
    """What the text says; raises `NotATime` unless it is a time."""
    return parse_time(text, ZoneInfo("UTC"), repeats=kind is TimerKind.CYCLE)


def _check_settings(process: Process, report: Report) -> None:
    at = At(process.id, process.name, process.line)
    prefix = process.settings.get("prefix", "A")
    if not PREFIX.fullmatch(prefix):
        problem = N_("The number prefix “%(prefix)s” is not 1 to 8 capital letters or digits.")
        report.error("prefix", at, problem, N_("Write it like CR or RN2."), prefix=prefix[:40])
    for key in TEMPLATES + EXPRESSIONS:
        text = process.settings.get(key, "")
        _check_expr(Expr(text, "literal") if text else None, at, N_("A setting"), report)
    for key in TIMES:
        _check_duration(key, process.settings.get(key, ""), at, report)


def _check_duration(key: str, text: str, at: At, report: Report) -> None:
    try:
        if text:
            parse_duration(text)
    except NotATime:
        problem = N_("The setting “%(key)s” is “%(text)s”, not a duration.")
        report.error("setting", at, problem, N_("Write it like PT30M or P2D."), key=key, text=text[:40])


def _at(element: Node | Flow) -> At:
    return At(element.id, element.name, element.line)
