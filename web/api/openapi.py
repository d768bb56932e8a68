"""Owns the description of the API (OpenAPI 3.1): made from routes and schemas, completed with what holds for all."""

from __future__ import annotations

from typing import Any, cast

from apiflask import APIFlask
from flask.blueprints import BlueprintSetupState

from web.api.entrance import JSON
from web.api.problems import MEDIA_TYPE

ABOUT = """File tickets, work on tasks, send events and signals, and keep subjects current.

Every call carries `Authorization: Bearer <token>`; a token acts as the person it was issued to.
A `POST` may carry an `Idempotency-Key`: repeated within 24 hours it is not done twice, the first answer is given again.
Every error is a problem document (RFC 9457). Ids never change; times are RFC 3339 in UTC.
"""
UPLOAD = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {
            "type": "array",
            "description": ".bpmn, .dmn, .form and .json files, or .zip or .bar of them: 200 files, 20 MB unpacked.",
            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
        }
    },
}
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string", "maxLength": 255},
        "source": {"type": "string", "maxLength": 512, "examples": ["https://hr.example.com"]},
        "type": {"type": "string", "maxLength": 255, "examples": ["employee.departed"]},
        "subject": {"type": "string", "maxLength": 255, "description": "What a waiting process correlates by."},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "examples": [{"login": "liutao", "plan": {"default": "superior"}}]},
    },
}
EVENTS = {
    "application/cloudevents+json": {"schema": EVENT},
    "application/cloudevents-batch+json": {"schema": {"type": "array", "maxItems": 100, "items": EVENT}},
    "application/json": {"schema": EVENT["properties"]["data"]},
}
"""Structured, in a batch, and binary: the data alone, with the attributes as headers `ce-id`, `ce-source` …"""
IN_BATCH: dict[str, Any] = {
    "type": "object",
    "description": "One event of a batch: its receipt, or its problem.",
    "required": ["id", "status"],
    "properties": {
        "id": {"description": "As it was sent."},
        "status": {"type": "integer"},
        "outcome": {"type": "string"},
        "ticket": {"type": ["string", "null"]},
        "departure": {"type": ["string", "null"], "format": "uuid"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "about:blank, or urn:gongdan:problem:<code>; never changes."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and how to mend it, in the caller's language."},
        "errors": {
            "type": "array",
            "description": "What is wrong where, in the body that was sent.",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "problems": {
            "type": "array",
            "description": "Of a refused upload: every problem with its remedy.",
            "items": {"$ref": "#/components/schemas/DeployReport.ReportLine"},
        },
    },
}
ERRORS = {
    "400": "The body or the address cannot be read.",
    "401": "There is no token, or none that is valid.",
    "403": "The caller sees it, but it is not theirs to do.",
    "404": "It does not exist, or not for the caller.",
    "409": "Somebody was faster, or the same request is being answered just now.",
    "413": "The request is too large.",
    "415": "The body is of another kind than this address takes.",
    "422": "Values need mending; `errors` names each.",
    "503": "The database can't be reached, or too many uploads are being checked; ask again after `Retry-After`.",
}
ONE_FILE = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary", "description": "The file, with its name."}},
    "required": ["file"],
}
SENT_IN_PARTS = {"/api/v1/definitions": UPLOAD, "/api/v1/definition-checks": UPLOAD, "/api/v1/files": ONE_FILE}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of 1 to 255 visible ASCII characters, new for every new request; best a UUID.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def describe(state: BlueprintSetupState) -> None:
    """Let the app that takes the API describe it at its `spec_path`; pages are ordinary blueprints, so not in it."""
    app = cast(APIFlask, state.app)
    app.servers = [{"url": "/"}]
    app.title = "Gongdan API"
    app.config.update(DESCRIPTION=ABOUT, AUTO_404_RESPONSE=False)
    app.config.update(AUTO_VALIDATION_ERROR_RESPONSE=False, AUTO_TAGS=False)
    app.spec_processor(complete)


def complete(made: dict[str, Any] | str) -> dict[str, Any] | str:
    """Add what holds for every operation: the token, the errors, the key against repetition."""
    spec = cast(dict[str, Any], made)
    components = spec.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {f"Problem{status}": _problem(text) for status, text in ERRORS.items()}
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY}
    spec["security"] = [{"token": []}]
    for path, parts in SENT_IN_PARTS.items():
        spec["paths"][path]["post"]["requestBody"] = {"content": {"multipart/form-data": {"schema": parts}}}
    spec["paths"]["/api/v1/events"]["post"]["requestBody"] = {"content": EVENTS}
    for operations in spec["paths"].values():
        for method, operation in operations.items():
            _complete(operation, method)
    answer = spec["paths"]["/api/v1/events"]["post"]["responses"]["200"]["content"][JSON]
    answer["schema"] = {"anyOf": [answer["schema"], {"type": "array", "items": IN_BATCH}]}
    return spec


def _complete(operation: dict[str, Any], method: str) -> None:
    successes = [answer["content"][JSON] for answer in operation["responses"].values()]
    for content in successes:  # a second kind of success has the shape of the first
        content["schema"] = content["schema"] or successes[0]["schema"]
    for status in ERRORS:
        if method != "get" or status not in {"409", "413", "415"}:
            operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    if method == "post":
        operation["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
