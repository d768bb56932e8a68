"""The diagram viewer alone, under the content security policy of our pages."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.harness import ROOT, Pages, complaints, serving, shoot

DIST = ROOT / "web/static/dist"
SHIPPED = (ROOT / "processes/crash_report/crash_report.bpmn").read_bytes()
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'"
)
IDS = re.findall(r'<(?:\w+:)?(?:userTask|startEvent)[^>]* id="([^"]+)"', SHIPPED.decode())
BPMN = re.sub(
    r'(<bpmndi:BPMNShape [^>]*bpmnElement="Task_Supply")',
    r'\1 xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="#0D4372" bioc:fill="#BBDEFB"',
    SHIPPED.decode(),
).encode()
"""One step of it is coloured."""
GAPS = re.sub(
    r'(<bpmndi:BPMNShape [^>]*bpmnElement="Task_Develop"[^>]*>)\s*<dc:Bounds [^>]*>',
    r"\1",
    re.sub(
        r'<bpmndi:BPMNShape [^>]*bpmnElement="Task_Supply".*?</bpmndi:BPMNShape>', "", SHIPPED.decode(), flags=re.DOTALL
    ),
).encode()
"""One step has no shape, though its flows and the event at it are drawn; another has a shape without a place."""
PAGE = Template(Path(__file__).with_name("diagram.html").read_text())
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'"

ENDED = b"""data-done='["EndEvent_Closed", "EndEvent_TriageDone", "StartEvent_Reported"]' data-current='[]'"""
"""It came to its end, and a sub-process in it to its own."""


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
        "/flow": page_html("it.bpmn", theme="light").replace(
            b"data-numbers", b"data-wrong='[\"Flow_NoObjection\"]' data-numbers"
        ),
        "/process": page_html("it.bpmn", theme="light").replace(
            b"data-numbers", b"data-wrong='[\"crash_report\"]' data-numbers"
        ),
        "/ended": re.sub(rb"data-done='[^']*' data-current='[^']*'", ENDED, page_html("it.bpmn", theme="light")),
        "/gaps": page_html("gaps.bpmn", theme="dark"),
        "/it.bpmn": BPMN,
        "/gaps.bpmn": GAPS,
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


def test_a_diagram_is_dark_on_a_dark_page_and_white_on_paper(pages: Pages, address: str) -> None:
    page = pages.open(dark=True)
    page.goto(f"{address}/dark")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    assert lightness(page, ".gd-diagram", "background-color") < 0.3
    assert lightness(page, "[data-element-id=Task_Develop] .djs-visual rect", "fill") < 0.4
    assert lightness(page, "[data-element-id=Task_Develop] text", "fill") > 0.8
    page.emulate_media(media="print")
    assert lightness(page, ".gd-diagram", "background-color") > 0.95
    assert lightness(page, "[data-element-id=Task_Develop] text", "fill") < 0.4


def test_a_colour_that_a_file_gives_a_step_is_a_tint_of_it_on_a_dark_page(pages: Pages, address: str) -> None:
    page = pages.open()
    page.goto(f"{address}/dark")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    drawn = "[data-element-id=Task_Supply]"
    assert lightness(page, f"{drawn} .djs-visual rect", "fill") < 0.5
    assert lightness(page, f"{drawn} .djs-visual rect", "stroke") > 0.6
    page.goto(f"{address}/light")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    assert (
        page.locator(f"{drawn} .djs-visual rect").first.evaluate("it => getComputedStyle(it).fill")
        == "rgb(187, 222, 251)"
    )


def test_what_has_no_place_in_a_drawing_is_left_out_of_it_without_a_complaint(pages: Pages, address: str) -> None:
    page = pages.open(dark=True)
    page.goto(f"{address}/gaps")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    expect(page.locator("[data-element-id=Task_Triage]")).to_be_visible()
    for gone in ("Task_Supply", "Event_SupplyOverdue", "Flow_NotEnough", "Task_Develop"):
        expect(page.locator(f"[data-element-id={gone}]")).to_have_count(0)


def box(shown: Locator) -> FloatRect:
    """Where it is."""
    found = shown.bounding_box()
    assert found is not None
    return found


def lightness(page: Page, selector: str, style: str) -> float:
    """Of a colour as it is painted: 0 is black, 1 is white."""
    return float(
        page.locator(selector).first.evaluate(
            """(it, style) => {
                const brush = document.createElement('canvas').getContext('2d');
                brush.fillStyle = getComputedStyle(it).getPropertyValue(style);
                brush.fillRect(0, 0, 1, 1);
                const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
                return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
            }""",
            style,
        )
    )


def test_a_drawing_wider_than_its_panel_is_read_from_where_one_is_and_in_the_whole_window(
    pages: Pages, address: str
) -> None:
    page = pages.open(phone=True)
    page.goto(f"{address}/light")
    panel = page.locator("[data-ready='1']")
    expect(panel).to_have_attribute("data-more", re.compile("right"))
    assert scale(page) == pytest.approx(0.7)
    step = page.locator(".gd-current")
    assert box(panel)["x"] <= box(step)["x"]
    page.get_by_role("button", name="整窗").click()
    expect(page.locator("dialog .gd-diagram")).to_be_visible()
    assert box(panel)["height"] > 600
    expect(page.locator(".bjs-powered-by")).to_be_in_viewport()
    page.get_by_role("button", name="回到页面").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="整窗")).to_be_focused()
    assert complaints(page) == []


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_drawing_of_what_is_over_opens_at_the_end_it_came_to(pages: Pages, address: str, phone: bool) -> None:
    page = pages.open(phone=phone)
    page.goto(f"{address}/ended")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    expect(page.locator(".gd-done[data-element-id=EndEvent_Closed]")).to_be_in_viewport()
    panel, end = (box(page.locator(each)) for each in (".gd-diagram", ".gd-done[data-element-id=EndEvent_Closed]"))
    assert panel["x"] <= end["x"] <= panel["x"] + panel["width"] - end["width"]


def test_a_drawing_is_read_from_a_flow_that_is_wrong(pages: Pages, address: str) -> None:
    page = pages.open(phone=True)
    page.goto(f"{address}/flow")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    expect(page.locator(".djs-connection.gd-wrong")).to_be_in_viewport()


def test_what_is_wrong_with_the_process_itself_does_not_keep_it_from_being_drawn(pages: Pages, address: str) -> None:
    page = pages.open(phone=True)
    page.goto(f"{address}/process")
    expect(page.locator("[data-ready='1']")).to_be_visible()


def test_a_wheel_turned_sideways_moves_the_drawing_and_not_the_page(pages: Pages, address: str) -> None:
    page = pages.open()
    page.set_viewport_size({"width": 500, "height": 900})
    page.goto(f"{address}/light")
    panel = page.locator("[data-ready='1']")
    expect(panel).to_have_attribute("data-more", re.compile("right"))
    page.mouse.move(200, 200)
    page.mouse.wheel(4_000, 0)
    expect(panel).not_to_have_attribute("data-more", re.compile("right"))
    expect(panel).to_have_attribute("data-more", re.compile("left"))


def test_what_a_report_says_is_numbered_on_the_drawing_and_found_from_its_row(pages: Pages, address: str) -> None:
    page = pages.open(phone=True)
    page.goto(f"{address}/light")
    expect(page.locator("[data-ready='1']")).to_be_visible()
    expect(page.locator(".gd-found-no")).to_have_text(["2 · 5"])
    expect(page.locator("[data-show=nowhere]")).to_be_hidden()
    expect(page.locator("[data-element-id=Task_Confirm]")).not_to_be_in_viewport()
    page.get_by_role("button", name="找到确认").click()
    expect(page.locator(".gd-shown[data-element-id=Task_Confirm]")).to_be_in_viewport()


def test_a_diagram_that_cannot_be_drawn_says_so(pages: Pages, address: str) -> None:
    pages.expect("could not be drawn")
    page = pages.open()
    page.goto(f"{address}/broken")
    expect(page.get_by_role("alert")).to_have_text("流程图暂时画不出来")
    assert complaints(page) == []
