"""Owns how the API says no: problem documents (RFC 9457) in the caller's language, with members for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from apiflask import APIBlueprint, HTTPError
from flask import Response, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException

from engine.database import Stale
from engine.expressions import N_, Message
from tickets.errors import Busy, DomainError, FormInvalid, InstanceStuck, TaskClosed
from tickets.organising.fields import FieldsInvalid
from tickets.subject_facts import SubjectInvalid
from tickets.urging import UrgedLately
from web.api.event_errors import EventInvalid
from web.api.strict_json import Malformed
from web.bundles import BundleTooLarge
from web.errors import TOO_LATE, SignInNeeded, status_of
from web.language import language, translate, worded

MEDIA_TYPE = "application/problem+json"
DETAILS: Mapping[int, str] = {
    400: N_("The request cannot be read; compare it with the description at /api/v1/openapi.json."),
    404: N_("Nothing is at this address; the addresses are listed at /api/v1/openapi.json."),
    405: N_("This address does not take %(method)s; it takes %(allowed)s."),
    413: N_("The request is larger than this address takes; send less at once."),
    429: N_("Too many requests; wait a moment before the next one."),
    500: N_(
        "This is our fault: nothing of the request was written. Try again; if it stays, tell whoever runs Gongdan."
    ),
}
"""What the framework's own errors say; those with words of ours keep them."""

WORDS: Mapping[str, str] = {
    "missing": N_("It is missing; add it."),
    "extra_forbidden": N_("There is no such member here; leave it out."),
    "string_type": N_("It must be a text."),
    "string_too_short": N_("It is empty; fill it in."),
    "string_too_long": N_("It has too many characters; shorten it to %(max_length)s."),
    "string_pattern_mismatch": N_("It holds a line break or a tab; leave those out."),
    "dict_type": N_("It must be an object."),
    "literal_error": N_("It must be one of %(expected)s."),
    "int_parsing": N_("It must be a whole number."),
    "greater_than_equal": N_("It must be %(ge)s or more."),
    "less_than_equal": N_("It must be %(le)s or less."),
    "uuid_parsing": N_("It is not an id; ids look like 0192f0c1-2a7b-7c3d-8e4f-5a6b7c8d9e0f."),
    "enum": N_("It must be one of %(expected)s."),
    "model_type": N_("It must be an object."),
    "model_attributes_type": N_("It must be an object."),
}
"""Pydantic's kinds of errors that our schemas can give."""


class Refused(Exception):
    """A request the API does not take, with its status; `message` says how to mend it."""

    def __init__(self, status: HTTPStatus, text: str, **params: object) -> None:
        self.status = status
        self.message = Message(text, params)
        super().__init__(str(self.message))


class NoToken(SignInNeeded):
    """No token came with the request, or none that is valid."""

    def __init__(self) -> None:
        super().__init__(
            Message(N_("Send the header “Authorization: Bearer <token>” with a token that is still valid."))
        )


def setup(api: APIBlueprint) -> None:
    """Answer what this blueprint refuses; who asks for an address it has not is answered by the app, with `of_http`."""
    api.register_error_handler(DomainError, of_domain)
    api.register_error_handler(Stale, of_stale)
    api.register_error_handler(Refused, of_refusal)
    api.register_error_handler(Malformed, of_malformed)
    api.register_error_handler(HTTPError, of_schema)
    api.register_error_handler(HTTPException, of_http)


def of_domain(error: DomainError) -> Response:
    """What a verb refused."""
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if isinstance(error, BundleTooLarge) else status_of(error)
    answer = problem(status, worded(error.message), code=_code(error), **_members(error))
    if isinstance(error, NoToken):
        answer.headers["WWW-Authenticate"] = _challenge()
    if isinstance(error, Busy):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def of_stale(_error: Stale) -> Response:
    """Two changed the same at one moment, and nothing of this one was kept."""
    return of_domain(TOO_LATE)


def of_refusal(error: Refused) -> Response:
    """What the API itself refused."""
    return problem(error.status, worded(error.message))


def of_malformed(error: Malformed) -> Response:
    """A body that is not JSON as we take it."""
    return problem(HTTPStatus.BAD_REQUEST, worded(error.message), code="malformed-json")


def of_schema(error: HTTPError) -> Response:
    """A body or query that is not as the description of the API says."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return problem(error.status_code, str(error.message))
    faults = [fault(at["loc"], wording(at)) for at in cause.errors(include_url=False, include_input=False)]
    detail = translate(N_("Some values are not as the description at /api/v1/openapi.json says; “errors” names each."))
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="invalid", errors=faults)


def of_http(error: HTTPException) -> Response:
    """What the framework refused (no such address, another method, too large), and faults of ours."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    ours = error.description != type(error).description
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    text = translate(str(error.description) if ours else DETAILS.get(status, str(error.description)))
    detail = text if ours else text % {"method": request.method, "allowed": allowed}
    answer = problem(status, detail)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"})
    return answer


def problem(status: int, detail: str, *, code: str = "", **members: Any) -> Response:
    """The answer for an error; `members` are its own, such as `errors`."""
    body = {
        "type": f"urn:gongdan:problem:{code}" if code else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    answer = Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, content_type=MEDIA_TYPE)
    answer.headers["Content-Language"] = language()
    return answer


def fault(path: Sequence[object] | str, message: str) -> dict[str, str]:
    """One entry of `errors`; a path is dotted: `phones.0.model`."""
    return {"path": path if isinstance(path, str) else ".".join(map(str, path)), "message": message}


def wording(found: ErrorDetails) -> str:
    """What a schema refused, in the caller's language where we have words for it."""
    text = WORDS.get(found["type"])
    return worded(Message(text, found.get("ctx", {}))) if text else found["msg"]


def _code(error: Exception) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()


def _members(error: DomainError) -> Mapping[str, Any]:
    match error:
        case FormInvalid():
            return {"errors": _faults(error.submission.errors)}
        case SubjectInvalid() | EventInvalid() | FieldsInvalid():
            return {"errors": _faults(error.errors)}
        case TaskClosed():
            return {"task": error.task, "by": error.by, "at": error.at}
        case UrgedLately():
            return {"retry_at": error.retry_at} if error.retry_at else {}
        case InstanceStuck():
            return {"element": error.element}
    return {}


def _faults(errors: Mapping[str, Message]) -> list[dict[str, str]]:
    return [fault(path, worded(message)) for path, message in errors.items()]


def _challenge() -> str:
    """RFC 6750, section 3: a request that brought no token is told no error code."""
    return 'Bearer realm="Gongdan"' + (', error="invalid_token"' if "Authorization" in request.headers else "")
