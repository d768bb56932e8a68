"""Every address of the url map, asked by somebody and by nobody: its answer carries what keeps a browser safe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Response

from tests.access.stage import CAST, Stage, set_stage
from tests.databases import Databases
from tests.web.test_hostile_inputs import own_path, rules

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT = (
    "script-src 'self';",
    "object-src 'none';",
    "base-uri 'none';",
    "frame-ancestors 'none'",
    "form-action 'self'",
)
PIXELS = ("image/png", "image/jpeg", "image/webp", "image/gif")
LOOKED_AT = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""What a browser shows of what somebody sent, in a page that it makes and styles itself: nothing of ours is near."""
ERRORS = (
    "/nowhere",
    "/api/v1/nowhere",
    "/tickets/%00",
    "/static/nothing.js",
    "/files/00000000-0000-0000-0000-000000000000",
)


@pytest.fixture(scope="module")
def stage(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with set_stage(databases, tmp_path_factory.mktemp("headers")) as stage:
        yield stage


def check(answer: Response, address: str) -> None:
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, f"{address}: {name}"
    policy = answer.headers["Content-Security-Policy"]
    ours = address.endswith("/thumbnail") and answer.content_type == "image/webp"  # made by us, whatever was sent
    shut = policy == "sandbox; default-src 'none'"
    pixels = "/files/" in address and answer.content_type in PIXELS and policy == LOOKED_AT
    saved = pixels or (shut and (ours or "attachment" in answer.headers["Content-Disposition"]))
    assert saved or all(each in policy for each in STRICT), f"{address}: {policy}"
    assert pixels or "unsafe" not in policy
    assert "*" not in policy
    if "/static/" not in address:
        kept = answer.headers.get("Cache-Control", "")
        assert "no-store" in kept or "private" in kept or "no-cache" in kept, f"{address}: {kept}"
        assert "public" not in kept, address
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers, address


@pytest.mark.parametrize("who", ["admin", "requester", "nobody"])
def test_every_answer_carries_the_headers(stage: Stage, who: str) -> None:
    visitor = stage.site.browser(CAST[who]) if CAST[who] else stage.site.anonymous()
    token = {"Authorization": f"Bearer {stage.tokens[CAST[who]]}"} if CAST[who] else {}
    asked = 0
    for method, rule in rules(stage):
        path = own_path(stage, rule)
        if path is None:
            continue
        asked += 1
        headers = token if path.startswith("/api/") else {}  # an unsafe request without its forgery token is an error
        answer = visitor.client.open(path, method=method, headers=headers)
        check(answer, f"{method} {path}")
        answer.close()
    assert asked > 150


@pytest.mark.parametrize("path", ERRORS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "TRACE"])
def test_errors_carry_them_too(stage: Stage, path: str, method: str) -> None:
    with stage.site.browser("lina").client.open(path, method=method) as answer:
        check(answer, f"{method} {path}")


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_site_reads_answers(stage: Stage, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Authorization": "Bearer x"}
    for path in ("/api/v1/tickets", "/inbox", "/files/" + str(stage.at["public_id"])):
        for method in ("GET", "OPTIONS"):
            with stage.site.browser("lina").client.open(path, method=method, headers=headers) as answer:
                assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
