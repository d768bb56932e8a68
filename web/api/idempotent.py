"""Owns Idempotency-Key: a repeated POST is not done twice, the first answer is given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, g, make_response, redirect, request, url_for

from engine.database import Away
from tickets.idempotency import DONE, Answer, forget, recall, remember
from tickets.runtime import Hold
from web.context import me, now, runtime

View = TypeVar("View", bound=Callable[..., Any])


def idempotent(view: View) -> View:
    """Do what `view` does once per key. Only what was done is remembered; after a refusal the key is free again."""

    @wraps(view)
    def once(**arguments: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return make_response(view(**arguments))
        hold = Hold(me().person_id, key, since=now())
        if before := _before(hold):
            return _again(before)
        g.runtime = replace(runtime(), hold=hold)
        try:
            answer = make_response(view(**arguments))
        except BaseException:
            _release(hold)
            raise
        if answer.status_code < 400:
            _keep(hold, answer)
        else:
            _release(hold)
        return answer

    return once  # type: ignore[return-value]  # Flask calls views with keywords only


def _before(hold: Hold) -> Answer | None:
    digest = _digest()
    with runtime().writing() as session, session.begin():
        return recall(session, me(), hold.key, digest, now=hold.since)


def _keep(hold: Hold, answer: Response) -> None:
    kept = Answer(answer.status_code, answer.get_data(), answer.content_type)
    with runtime().writing() as session, session.begin():
        remember(session, hold, kept)


def _release(hold: Hold) -> None:
    """What was marked as done stays; and while the database is away the hold ends by itself."""
    with suppress(Away), runtime().writing() as session, session.begin():
        forget(session, hold)


def _again(before: Answer) -> Response:
    """The first answer; where that was lost, the ticket to which it was done, or nothing if it was done to many."""
    if before.status == DONE and not before.body:
        answer = Response(status=HTTPStatus.NO_CONTENT)
    elif before.status == DONE:
        answer = make_response(redirect(url_for("api.read", number=before.body.decode()), HTTPStatus.SEE_OTHER))
    else:
        answer = Response(before.body, before.status, content_type=before.content_type)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _digest() -> str:
    """Of what was asked; files count by name and content, since every sending has another multipart boundary."""
    parts = [request.method.encode(), request.full_path.encode()]
    if request.mimetype == "multipart/form-data":
        for name, file in sorted(request.files.items(multi=True), key=lambda item: (item[0], item[1].filename or "")):
            parts += [name.encode(), (file.filename or "").encode(), file.stream.read()]
            file.stream.seek(0)
    else:
        parts.append(request.get_data())
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
