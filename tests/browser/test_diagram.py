"""The diagram viewer alone, under the content security policy of our pages."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ROOT, Pages, complaints, serving, shoot

DIST = ROOT / "web/static/dist"
BPMN = (ROOT / "processes/crash_report/crash_report.bpmn").read_bytes()
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'"
)
IDS = re.findall(r'<(?:\w+:)?(?:userTask|startEvent)[^>]* id="([^"]+)"', BPMN.decode())
PAGE = Template(Path(__file__).with_name("diagram.html").read_text())
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'"


def page_html(source: str, *, theme: str) -> bytes:
    names = json.loads((DIST / "manifest.json").read_text())
    assets = {re.sub(r"\W", "_", name): hashed for name, hashed in names.items()}
    page = PAGE.substitute(assets, theme=theme, source=source, done=json.dumps(IDS[:2]), current=json.dumps(IDS[2:3]))
    return page.encode()


TYPES = {".css": "text/css", ".js": "text/javascript", ".bpmn": "application/xml"}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = Path(environ["PATH_INFO"])
    content = {
        "/light": page_html("it.bpmn", theme="light"),
        "/dark": page_html("it.bpmn", theme="dark"),
        "/broken": page_html("broken.bpmn", theme="light"),
        "/it.bpmn": BPMN,
        "/broken.bpmn": b"<a",
    }
    body = content.get(str(path)) or (DIST / path.name).read_bytes()
    kind = TYPES.get(path.suffix, "text/html; charset=utf-8")
    start_response("200 OK", [("Content-Type", kind), ("Content-Security-Policy", POLICY)])
    return [body]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(app) as found:
        yield found


def scale(page: Page) -> float:
    return float(page.evaluate("document.querySelector('.djs-container .viewport').getCTM().a"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_diagram_shows_the_path_and_the_current_step(pages: Pages, address: str, phone: bool, dark: bool) -> None:
    page = pages.open(phone=phone, dark=dark)
    page.goto(f"{address}/{'dark' if dark else 'light'}")
    expect(page.locator("[data-bpmn-src][data-ready='1']")).to_be_visible()
    expect(page.get_by_role("img", name="崩溃上报的流程图")).to_be_visible()
    assert page.locator(".gd-done").count() == len(IDS[:2])
    assert page.locator(".gd-current").count() == len(IDS[2:3])
    expect(page.locator(".bjs-powered-by")).to_be_in_viewport()
    assert scale(page) <= 1
    shoot(page, "diagram")
    assert complaints(page) == []


def test_buttons_zoom_and_fit_the_diagram(pages: Pages, address: str) -> None:
    page = pages.open()
    page.goto(f"{address}/light")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    fitted = scale(page)
    page.get_by_role("button", name="放大").click()
    assert scale(page) > fitted
    page.get_by_role("button", name="适应").click()
    assert scale(page) == pytest.approx(fitted)
    page.get_by_role("button", name="缩小").click()
    assert scale(page) < fitted


def test_a_diagram_that_cannot_be_drawn_says_so(pages: Pages, address: str) -> None:
    pages.expect("could not be drawn")
    page = pages.open()
    page.goto(f"{address}/broken")
    expect(page.get_by_role("alert")).to_have_text("流程图暂时画不出来")
    assert complaints(page) == []
