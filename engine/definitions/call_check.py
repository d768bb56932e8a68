"""Owns checking what a service task says of its call over HTTP, and which secrets it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from engine.definitions.model import Node, Process
from engine.definitions.parts import Call, Expr
from engine.definitions.report import At, Report
from engine.definitions.stored import Compiled
from engine.definitions.wording import compile_expr
from engine.expressions import N_, BudgetExceeded, EvaluationError, Expression, ExpressionError
from engine.expressions.flow import children
from engine.expressions.nodes import Constant, Index, Name, Property
from engine.expressions.nodes import Node as Tree

SECRETS = "secrets"
ERRORS = frozenset({"bpmnError", "jobError"})
"""What Camunda 8's error expressions call."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
"""What a secret may be called: an expression names it."""
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "accept-encoding"})
"""Headers that the connector sets itself."""
LONGEST, MOST_RETRIES = 60, 10
"""Seconds; attempts after the first."""


def check_calls(process: Process, report: Report) -> None:
    """What can't be sent is refused now, not when a ticket gets there."""
    for node in process.scope.walk():
        if node.call is not None:
            _check(node, node.call, report)


def secrets_used(compiled: Compiled) -> dict[str, Node]:
    """The secrets that a definition's calls name, each with the first task that does."""
    found: dict[str, Node] = {}
    for process in (compiled.process, *compiled.called.values()):
        for node in process.scope.walk():
            for name in secrets_in(node.call) if node.call is not None else ():
                found.setdefault(name, node)
    return found


def secrets_in(call: Call) -> frozenset[str]:
    """The names that come after `secrets.` in what the call sends."""
    named = (_named(expr)[0] for _, expr in sent(call))
    return frozenset(name for names in named for name in names)


def sent(call: Call) -> Iterator[tuple[str, Expr]]:
    """What goes to the other side, and may hold secrets."""
    yield N_("The URL"), call.url
    yield N_("The method"), call.method
    yield from ((N_("A header"), each.value) for each in call.headers)
    yield from ((N_("A query parameter"), each.value) for each in call.query)
    yield from ((N_("The authentication"), each.value) for each in call.auth)
    if call.body is not None:
        yield N_("The body"), call.body


def kept(call: Call) -> Iterator[tuple[str, Expr]]:
    """What decides, and what becomes data: no secret may be there."""
    for what, expr in (
        (N_("The key"), call.key),
        (N_("The time-out"), call.timeout),
        (N_("The retries"), call.retries),
    ):
        if expr is not None:
            yield what, expr
    yield from ((N_("The result"), each.value) for each in call.results)
    yield from ((N_("When an answer is an error"), each.when) for each in call.errors if each.when is not None)
    if call.failing is not None:
        yield N_("When an answer is an error"), call.failing


def _check(node: Node, call: Call, report: Report) -> None:
    at = At(node.id, node.name, node.line)
    for what, expr in sent(call):
        if (named := _read(what, expr, at, report)) and not named[1]:
            problem = N_("A secret is not named as it stands: a call says secrets.NAME and nothing else of them.")
            report.error("secret-unnamed", at, problem, N_("Write secrets.NAME, such as secrets.coupon_key."))
    for what, expr in kept(call):
        if (named := _read(what, expr, at, report)) and (named[0] or not named[1]):
            problem = N_("A secret is used where it would become data.")
            report.error("secret-kept", at, problem, N_("Use secrets only in url, headers, query, body and login."))
    _check_words(call, at, report)


def _check_words(call: Call, at: At, report: Report) -> None:
    method, url = _constant(call.method), _constant(call.url)
    if method is not None and str(method).upper() not in METHODS:
        problem = N_("The method “%(method)s” is not one of %(known)s.")
        known = ", ".join(sorted(METHODS))
        report.error("call-method", at, problem, N_("Write one of them."), method=str(method)[:20], known=known)
    if not _good(str(url) if url is not None else _beginning(call.url)):
        problem = N_("The URL is not an http or https address, or it holds a login.")
        remedy = N_("Write https://host/path; put a login into headers, by a secret.")
        report.error("call-url", at, problem, remedy)
    for each in call.headers:
        if each.name and (not TOKEN.fullmatch(each.name) or each.name.lower() in OURS):
            problem = N_("The header “%(name)s” can't be set.")
            report.error("call-header", at, problem, N_("Remove it, or correct its name."), name=each.name[:60])
    for expr, most, text in (
        (call.timeout, LONGEST, N_("The time-out is not a number of seconds from 1 to %(most)s.")),
        (call.retries, MOST_RETRIES, N_("The retries are not a number from 0 to %(most)s.")),
    ):
        value = _constant(expr) if expr is not None else None
        if value is not None and number(value, most=most, least=most == LONGEST) is None:
            report.error("call-number", at, text, N_("Write a number in these limits."), most=most)


def number(value: object, *, most: int, least: int) -> int | None:
    """A whole number within limits, also written as a text; None if it is none."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most else None


def _beginning(url: Expr) -> str:
    """A URL as good as the one whose text begins with words of its own; any good one where it has none."""
    begun = _BEGUN.match(url.text) if url.language == "literal" else None
    return f"{begun[1]}://{begun[2]}host" if begun else "https://host"


_BEGUN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#$]*)")


def _good(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _read(what: str, expr: Expr, at: At, report: Report) -> tuple[frozenset[str], bool] | None:
    if not report.has_room(at, characters=len(expr.text)):
        return None
    try:
        return _spoken(compile_expr(expr, ERRORS))
    except ExpressionError as error:
        report.expression(at, what, error)
        return None


def _named(expr: Expr) -> tuple[frozenset[str], bool]:
    try:
        return _spoken(compile_expr(expr, ERRORS))
    except ExpressionError:
        return frozenset(), True


def _spoken(compiled: Expression) -> tuple[frozenset[str], bool]:
    """The secrets it names, and whether it names every one that it uses."""
    found: set[str] = set()
    clear = SECRETS not in compiled.names or _gather(compiled.tree, found)
    return frozenset(found), clear


def _gather(tree: Tree, found: set[str]) -> bool:
    match tree:
        case Name(id="secrets"):
            return False
        case Property(value=Name(id="secrets"), key=key) | Index(value=Name(id="secrets"), index=Constant(value=key)):
            found.add(str(key))
            return bool(NAME.fullmatch(str(key)))
    clear = [_gather(child, found) for child in children(tree)]  # each of them, also after one that is not
    return all(clear)


def _constant(expr: Expr) -> object | None:
    """What it always is; None where data has a say."""
    try:
        compiled = compile_expr(expr)
        return compiled.evaluate({}) if not compiled.names else None
    except (ExpressionError, EvaluationError, BudgetExceeded):
        return None  # what is not understood has been reported in its own words
