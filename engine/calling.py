"""Owns what a service task's call over HTTP comes to: what is to be sent, and what an answer means to the process.

Sending is done above, after commit. Secrets are never here: `stand_ins` take their places (`tickets.connectors`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.call_check import ERRORS, LONGEST, METHODS, MOST_RETRIES, OURS, SECRETS, TOKEN, number
from engine.definitions.parts import Assign, Call, Expr, Failing
from engine.definitions.wording import compile_expr
from engine.expressions import N_, EvaluationError, Expression, Message, to_json
from engine.instances import NotWaiting
from engine.spiff.tokens import READY, Token
from engine.spiff.workflow import Instance
from engine.step import StepFailed, Values, World

TIMEOUT, RETRIES = 10, 3
"""Seconds, and attempts after the first, where the call says nothing."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be sent, as JSON; in its texts stand-ins take the places of secrets.

    `auth` has `username` and `password`, or `token`, or `name`, `value` and `in`.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    auth: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    timeout: int = TIMEOUT
    retries: int = RETRIES


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; without an answer `trouble` is `network` or `timeout`, and the status 0."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    trouble: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.trouble) or self.status >= 400


@dataclass(frozen=True, slots=True)
class Done:
    """The call is done, and these values become data."""

    values: Values


@dataclass(frozen=True, slots=True)
class Erred:
    """The call ends with a BPMN error of this code, if anything catches it."""

    code: str
    message: str


def call_at(instance: Instance, ref: str) -> tuple[Token, Call]:
    """The token that waits for a call, and the call. Raises NotWaiting."""
    token = instance.find(ref)
    if token is None or token._state != READY or not token.task_spec.by_job:
        raise NotWaiting(ref)
    node = token.task_spec.node
    if node is None or node.call is None:
        raise NotWaiting(ref)
    return token, node.call


def asking(instance: Instance, ref: str, *, world: World, stand_ins: Mapping[str, str]) -> Asking:
    """What the waiting task wants sent, by its data as it is now. Raises NotWaiting, StepFailed."""
    token, call = call_at(instance, ref)
    instance.begin_step(world)
    ask = _Asker(instance, token, {SECRETS: dict(stand_ins)})
    method = ask.text(call.method, N_("The method")).upper()
    if method not in METHODS:
        raise ask.refuse(N_("The method “%(text)s” is none that can be called."), method)
    return Asking(
        method=method,
        url=ask.text(call.url, N_("The URL")),
        headers=ask.headers(call.headers),
        query=ask.entries(call.query),
        body=ask.value(call.body) if call.body is not None else None,
        auth={each.name: ask.text(each.value, N_("The authentication")) for each in call.auth},
        key=ask.text(call.key, N_("The key"))[:200] if call.key is not None else "",
        timeout=ask.number(call.timeout, TIMEOUT, least=1, most=LONGEST),
        retries=ask.number(call.retries, RETRIES, least=0, most=MOST_RETRIES),
    )


def meaning(instance: Instance, ref: str, answered: Answered, *, told: str, world: World) -> Done | Erred:
    """What the answer is to the process; `told` is the message of an error. Raises NotWaiting, StepFailed."""
    token, call = call_at(instance, ref)
    instance.begin_step(world)
    ask = _Asker(instance, token, _names(call, answered, told))
    found = _error_of(call, answered, ask, told)
    if found is not None:
        return found
    values: Values = {call.result_to: _shaped(call.shape, answered)} if call.result_to else {}
    for each in call.results:
        value = ask.value(each.value)
        if each.name:
            values[each.name] = value
        elif isinstance(value, Mapping):
            values.update(value)
    return Done(values)


def _error_of(call: Call, answered: Answered, ask: _Asker, told: str) -> Erred | None:
    for each in call.errors:
        if _applies(each, answered, ask):
            return Erred(each.code, told)
    if call.failing is not None and not answered.trouble:
        said = ask.value(call.failing, ERRORS)
        if isinstance(said, Mapping) and said.get("code"):
            return Erred(str(said["code"])[:200], str(said.get("message") or told)[:500])
        if isinstance(said, str) and said:
            return Erred(said[:200], told)
    if not answered.failed or (call.any_status and not answered.trouble):
        return None
    return Erred(f"HTTP_{answered.trouble.upper() or answered.status}", told)


def _applies(each: Failing, answered: Answered, ask: _Asker) -> bool:
    if each.when is not None:
        return not answered.trouble and ask.holds(each.when)
    if answered.trouble:
        return each.status == answered.trouble
    return each.status in (str(answered.status), f"{answered.status // 100}xx")


def _names(call: Call, answered: Answered, told: str) -> Values:
    """What expressions about an answer may read besides the data."""
    whole = {"status": answered.status, "headers": dict(answered.headers), "body": answered.body}
    error = {"code": str(answered.status), "message": told, "variables": {"response": whole}}
    return {
        "response": whole if call.shape == "answer" else answered.body,
        "body": answered.body,
        "status": answered.status,
        "statusCode": answered.status,
        "headers": dict(answered.headers),
        "error": error if answered.failed else None,
    }


def _shaped(shape: str, answered: Answered) -> Any:
    if shape == "answer":
        return {"status": answered.status, "headers": dict(answered.headers), "body": answered.body}
    if shape == "spiff":
        mime = answered.headers.get("content-type", "").partition(";")[0]
        return {"body": answered.body, "mimetype": mime, "http_status": answered.status}
    return answered.body


@dataclass(frozen=True, slots=True)
class _Asker:
    """Evaluates a waiting task's expressions on what it knows, with more names that win over all others."""

    instance: Instance
    token: Token
    more: Values

    def value(self, expr: Expr, functions: frozenset[str] = frozenset()) -> Any:
        compiled, element = compile_expr(expr, functions), self.token.task_spec.element
        self.instance.hurry(element)
        names = {**self.token.known(), **self.instance.world.names, **self.more}
        try:
            return to_json(compiled.evaluate(names, functions={**_FUNCTIONS, **self.instance.functions}))
        except EvaluationError as error:
            raise StepFailed(element, error.message) from None

    def holds(self, expr: Expr) -> bool:
        compiled: Expression = compile_expr(expr)
        return compiled.is_true(self.value(expr))

    def text(self, expr: Expr, what: str) -> str:
        value = self.value(expr)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.refuse(N_("%(text)s of the call is no text."), Message(what))
        return str(value).strip()

    def number(self, expr: Expr | None, default: int, *, least: int, most: int) -> int:
        if expr is None:
            return default
        found = number(self.value(expr), most=most, least=least)
        if found is None:
            raise self.refuse(N_("“%(text)s” is not a number in the limits of a call."), expr.text[:60])
        return found

    def headers(self, assigned: tuple[Assign, ...]) -> dict[str, str]:
        found = {name: _plain(value) for name, value in self.entries(assigned).items()}
        for name, value in found.items():
            if not TOKEN.fullmatch(name) or name.lower() in OURS or not value.isprintable():
                raise self.refuse(N_("The header “%(text)s” can't be sent."), name[:60])
        return found

    def entries(self, assigned: tuple[Assign, ...]) -> Values:
        """What is given by name, or as a whole; null leaves out."""
        found: Values = {}
        for each in assigned:
            value = self.value(each.value)
            if each.name:
                found[each.name] = value
            elif isinstance(value, Mapping):
                found.update(value)
            elif value is not None:
                raise self.refuse(N_("“%(text)s” gives no names with their values."), each.value.text[:60])
        return {name: value for name, value in found.items() if value is not None}

    def refuse(self, text: str, detail: object) -> StepFailed:
        return StepFailed(self.token.task_spec.element, Message(text, {"text": detail}))


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bpmn_error(code: Any, message: Any = "", *_: Any) -> dict[str, Any]:
    return {"code": str(code), "message": "" if message is None else str(message)}


def _job_error(*_: Any) -> None:
    """Camunda 8's job error is a failed call, as it is without it."""


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"bpmnError": _bpmn_error, "jobError": _job_error}
