"""Owns how a service task's own properties (`http.…`) say which call over HTTP it makes (docs/connectors.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.definitions.parts import Assign, Call, Expr, Failing
from engine.definitions.source import expr_of

TOPIC = "gongdan:http"
"""What a task asks whose call was read, whatever its vendor calls it."""
HEADER, QUERY = "http.header.", "http.query."
KNOWN = frozenset("url method headers query body key timeout retries result errors username password token".split())
STATUS = re.compile(r"[1-5]\d\d|[45]xx|network|timeout")
"""Which answers `http.errors` may name without an expression."""


@dataclass(frozen=True)
class Connector:
    """What became of a task's words about a call; None where they can't be said here, and `lost` says which.

    `consumed` are the inputs that the call takes for itself: secrets among them must not be anybody's data.
    """

    call: Call | None
    lost: tuple[str, ...] = ()
    consumed: frozenset[str] = frozenset()


def connector_of(settings: Mapping[str, str]) -> Connector:
    """The call that a task's properties say; a task without `http.url` says none."""
    said = {name.removeprefix("http."): text for name, text in settings.items() if name.startswith("http.") and text}
    single = [name for name in said if name.startswith(("header.", "query."))]
    lost = tuple(f"http.{name}" for name in said if name not in KNOWN and name not in single)
    url = said.get("url")
    if url is None:
        return Connector(None, lost)
    result = said.get("result", "")
    named = result.isidentifier()
    call = Call(
        url=expression(url),
        method=expression(said.get("method", "GET")),
        headers=(*_whole(said.get("headers")), *_single(settings, HEADER)),
        query=(*_whole(said.get("query")), *_single(settings, QUERY)),
        body=_optional(said.get("body")),
        auth=tuple(Assign(name, expression(said[name])) for name in ("username", "password", "token") if name in said),
        key=_optional(said.get("key")),
        timeout=_optional(said.get("timeout")),
        retries=_optional(said.get("retries")),
        result_to=result if named else "",
        results=(Assign("", expression(result, plain="python")),) if result and not named else (),
        errors=tuple(failings(said.get("errors", ""))),
    )
    return Connector(call, lost)


def expression(text: str, *, plain: str = "literal") -> Expr:
    """An expression as it is spelt: `=…` FEEL, `${…}` JUEL, a list or an object Python; else as `plain` says."""
    text = text.strip()
    if text.startswith(("{", "[")):
        return Expr(text, "python")
    return expr_of(text, plain=plain)


def failings(text: str) -> Iterable[Failing]:
    """`404 -> NO_CUSTOMER; 5xx -> AWAY; response.code == "limit" -> TOO_MUCH`, one a line or with semicolons."""
    for part in re.split(r"[;\n]", text):
        when, arrow, code = (piece.strip() for piece in re.sub("→", "->", part).rpartition("->"))
        if arrow and code and STATUS.fullmatch(when):
            yield Failing(code, status=when)
        elif part.strip():
            yield Failing(code, when=expression(when, plain="python"))


def _whole(text: str | None) -> tuple[Assign, ...]:
    return (Assign("", expression(text, plain="python")),) if text else ()


def _single(settings: Mapping[str, str], prefix: str) -> tuple[Assign, ...]:
    found = ((name.removeprefix(prefix), text) for name, text in settings.items() if name.startswith(prefix))
    return tuple(Assign(name, expression(text)) for name, text in found if name)


def _optional(text: str | None) -> Expr | None:
    return expression(text) if text else None
