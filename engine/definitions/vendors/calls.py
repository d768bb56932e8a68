"""Owns how other vendors' HTTP connectors are read: Camunda 7's http-connector, Camunda 8's, SpiffArena's operators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from engine.definitions.connecting import Connector
from engine.definitions.parts import Assign, Call, Expr
from engine.definitions.source import expr_of
from engine.definitions.wording import compile_expr
from engine.expressions import ExpressionError

HTTP_CONNECTOR = "http-connector"
HTTP_JSON = "io.camunda:http-json"
_INSERTED = re.compile(r"\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}")
_ALONE = re.compile(r"\"\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}\"")
_BARE = re.compile(r"secrets\.[A-Za-z_]\w*")
_SPIFF_SECRET = re.compile(r"([\"'])((?:(?!\1).)*?)SPIFF_SECRET:([A-Za-z_]\w*)")
AUTH8: Mapping[str, tuple[str, ...]] = {
    "basic": ("username", "password"),
    "bearer": ("token",),
    "apiKey": ("name", "value", "apiKeyLocation"),
}
IGNORED8 = frozenset(
    {"authentication.type", "storeResponse", "ignoreNullValues", "skipEncoding", "readTimeoutInSeconds"}
)
TAKEN8 = frozenset({"url", "method", "headers", "queryParameters", "body", "connectionTimeoutInSeconds"})
HEADERS8 = frozenset({"resultVariable", "resultExpression", "errorExpression"})
IGNORED_HEADERS8 = frozenset({"elementTemplateVersion", "elementTemplateId", "retryBackoff"})
TAKEN_SPIFF = frozenset({"url", "headers", "params", "data", "json", "basic_auth_username", "basic_auth_password"})


def of_camunda7(inputs: Sequence[Assign], outputs: Sequence[Assign], lost: Iterable[str]) -> Connector:
    """The connector's own parameters. Any status is an answer there, where the outputs look at it."""
    said = {each.name: each.value for each in inputs}
    left = (*lost, *(name for name in said if name not in ("url", "method", "headers", "payload")))
    if "url" not in said:
        return Connector(None, left)
    call = Call(
        url=said["url"],
        method=said.get("method", Expr("GET", "literal")),
        headers=_whole(said.get("headers")),
        body=said.get("payload"),
        results=tuple(outputs),
        any_status=any("statusCode" in _names(each.value) for each in outputs),
    )
    return Connector(call, left)


def of_camunda8(inputs: Mapping[str, str], headers: Mapping[str, str], retries: str) -> Connector:
    """The element template's inputs and headers; FEEL after `=`, and `{{secrets.NAME}}` in either."""
    said = {name: _secretive(text) for name, text in inputs.items() if text.strip()}
    kind = inputs.get("authentication.type", "noAuth")
    auth = [name for name in AUTH8.get(kind, ()) if f"authentication.{name}" in said]
    consumed = frozenset(name for name in inputs if name in TAKEN8 | IGNORED8 or name.startswith("authentication."))
    lost = [name for name in headers if name not in HEADERS8 | IGNORED_HEADERS8]
    if kind != "noAuth" and not auth:
        return Connector(None, (*lost, f"authentication.type {kind}"), consumed)
    if "url" not in said:
        return Connector(None, tuple(lost), consumed)
    result, failing = headers.get("resultExpression", "").strip(), headers.get("errorExpression", "").strip()
    call = Call(
        url=said["url"],
        method=said.get("method", Expr("GET", "literal")),
        headers=_whole(said.get("headers")),
        query=_whole(said.get("queryParameters")),
        body=said.get("body"),
        auth=tuple(Assign(_AUTH_NAMES.get(name, name), said[f"authentication.{name}"]) for name in auth),
        timeout=said.get("connectionTimeoutInSeconds"),
        retries=expr_of(retries) if retries.strip() else None,
        result_to=headers.get("resultVariable", "").strip(),
        shape="answer",
        results=(Assign("", Expr(result, "feel")),) if result else (),
        failing=Expr(failing, "feel") if failing else None,
    )
    return Connector(call, tuple(lost), consumed)


_AUTH_NAMES = {"apiKeyLocation": "in"}


def of_spiffarena(operator: str, given: Mapping[str, str], result: str) -> Connector:
    """An operator such as `http/GetRequestV2`; its parameters are Python."""
    method, slash, version = operator.removeprefix("http/").partition("Request")
    if not slash or method.upper() not in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        return Connector(None, (operator,))
    said = {name: _python(text) for name, text in given.items() if text.strip()}
    lost = tuple(name for name in said if name not in TAKEN_SPIFF)
    if "url" not in said:
        return Connector(None, lost)
    username, password = said.get("basic_auth_username"), said.get("basic_auth_password")
    basic = (Assign("username", username), Assign("password", password)) if username and password else ()
    call = Call(
        url=said["url"],
        method=Expr(method.upper(), "literal"),
        headers=_whole(said.get("headers")),
        query=_whole(said.get("params")),
        body=said.get("json", said.get("data")),
        auth=basic,
        result_to=result,
        shape="spiff" if version == "V2" else "",
    )
    return Connector(call, lost)


def _whole(expr: Expr | None) -> tuple[Assign, ...]:
    return (Assign("", expr),) if expr is not None else ()


def _secretive(text: str) -> Expr:
    """`{{secrets.X}}` inside a FEEL text ends it and goes on after the secret; in a plain text it is a part."""
    text = text.strip()
    if text.startswith("=") and not text.startswith("=="):
        return Expr(_INSERTED.sub(r'" + secrets.\1 + "', _ALONE.sub(r"secrets.\1", text)), "feel")
    if _BARE.fullmatch(text):
        return Expr(f"${{{text}}}", "literal")
    return Expr(_INSERTED.sub(r"${secrets.\1}", text), "literal")


def _python(text: str) -> Expr:
    return Expr(_SPIFF_SECRET.sub(r"\1\2\1 + secrets.\3 + \1", text.strip()), "python")


def _names(expr: Expr) -> frozenset[str]:
    try:
        return compile_expr(expr).names
    except ExpressionError:
        return frozenset()
