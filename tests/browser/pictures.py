"""Takes the pictures of the guides from the demo: a throwaway installation, its clock at one morning, both languages.

python -m tests.browser.pictures [--into docs/pictures] [--data FOLDER] [name…]
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, sync_playwright

from engine.clock import ManualClock
from tests.browser.harness import PHONE, ROOT, launch, serving
from tests.tickets.play import shipped
from tests.web.words import compile_words
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.standards.tables import Occurrence, SpotCheck, Standard, StandardStep, StepRecord
from tickets.ticket import Ticket
from web import create_app
from web.config import Config
from web.demo import prepare
from web.opening import opened

MORNING = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""When all pictures are taken: a Monday, half past ten in China."""
WIDTH, HEIGHT = 1440, 860
COLOURS = 200
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
CALLED_OFF = (
    '<bpmn:exclusiveGateway id="Room" default="Fit" />'
    '<bpmn:endEvent id="Off" name="活动取消 Called off">'
    '<bpmn:errorEventDefinition id="OffError" errorRef="CalledOff" /></bpmn:endEvent>'
    '<bpmn:sequenceFlow id="Fit" sourceRef="Room" targetRef="EndEvent_Campus" />'
    '<bpmn:sequenceFlow id="Unfit" sourceRef="Room" targetRef="Off"><bpmn:conditionExpression>'
    'room_ok == "moved"</bpmn:conditionExpression></bpmn:sequenceFlow>'
)
DRAWN = (
    '<bpmndi:BPMNShape id="Room_di" bpmnElement="Room">'
    '<dc:Bounds x="1126" y="273" width="36" height="36" /></bpmndi:BPMNShape>'
    '<bpmndi:BPMNShape id="Off_di" bpmnElement="Off">'
    '<dc:Bounds x="1126" y="331" width="36" height="36" /></bpmndi:BPMNShape>'
    '<bpmndi:BPMNEdge id="Fit_di" bpmnElement="Fit">'
    '<di:waypoint x="1162" y="291" /><di:waypoint x="1178" y="291" /></bpmndi:BPMNEdge>'
    '<bpmndi:BPMNEdge id="Unfit_di" bpmnElement="Unfit">'
    '<di:waypoint x="1144" y="309" /><di:waypoint x="1144" y="331" /></bpmndi:BPMNEdge>'
)
CAMPUS_FLOW = 'sourceRef="StartEvent_Campus" targetRef="%s" />'
NO_ROOM = (
    (CAMPUS_FLOW % "EndEvent_Campus", CAMPUS_FLOW % "Room" + CALLED_OFF),
    ("<bpmn:incoming>Flow_Campus</bpmn:incoming>", "<bpmn:incoming>Fit</bpmn:incoming>"),
    ('x="1064" y="226" width="160" height="110"', 'x="1064" y="226" width="160" height="170"'),
    ('x="1084" y="273" width="36"', 'x="1074" y="273" width="36"'),
    ('x="1168" y="273" width="36"', 'x="1178" y="273" width="36"'),
    ('<di:waypoint x="1120" y="291" />', '<di:waypoint x="1110" y="291" />'),
    ('<di:waypoint x="1168" y="291" />', '<di:waypoint x="1126" y="291" />'),
    ("</bpmn:process>", '</bpmn:process><bpmn:error id="CalledOff" name="CALLED_OFF" errorCode="CALLED_OFF" />'),
    ("</bpmndi:BPMNPlane>", DRAWN + "</bpmndi:BPMNPlane>"),
)
"""What a brand's variant has otherwise in the drawing of the class kickoff: a way past its steps."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What one shows: who looks (nobody if empty) at which path; `{}` in it is what `find` finds."""

    login: str
    path: str
    find: sa.Select[Any] | None = None
    then: Callable[[Page], object] = lambda _page: None
    height: int = HEIGHT
    phone: bool = False


def main() -> None:
    """Writes all pictures, or those named, in both languages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=ROOT / "docs/pictures", help="the folder of the pictures")
    parser.add_argument("--data", type=Path, help="a folder that keeps the demo for the next time")
    parser.add_argument("name", nargs="*", default=list(PICTURES), help=", ".join(PICTURES))
    given = parser.parse_args()
    if unknown := set(given.name) - set(PICTURES):
        parser.error(f"no picture is called {', '.join(sorted(unknown))}")
    given.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as throwaway, demo(given.data or Path(throwaway)) as (runtime, address):
        for path, content in take(runtime, address, given.name):
            (given.into / path).write_bytes(content)
            print(f"{given.into / path}: {len(content) // 1024} KB")  # noqa: T201 - a command's answer


@contextmanager
def demo(folder: Path) -> Iterator[tuple[Runtime, str]]:
    """The demo as of that morning, served; gives its address."""
    compile_words()
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder.absolute() / 'gongdan.db'}"
    config = Config(data_folder=folder.absolute(), database_url=url, secret_key="pictures" * 5, demo=True)
    with opened(config) as on_the_clock:
        runtime = replace(on_the_clock, clock=ManualClock(MORNING))
        prepare(runtime)
        with serving(create_app(runtime, config)) as address:
            yield runtime, address


def take(runtime: Runtime, address: str, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Each picture's file name and PNG."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name in names:
            picture = PICTURES[name]
            path = picture.path.format(_found(runtime, picture))
            for language, locale in LANGUAGES.items():
                with _window(browser, picture, address, locale) as context:
                    yield f"{name}.{language}.png", _small(_shot(context.new_page(), picture, path))
        browser.close()


@contextmanager
def _window(browser: Browser, picture: Picture, address: str, locale: str) -> Iterator[BrowserContext]:
    size = PHONE if picture.phone else ViewportSize(width=WIDTH, height=picture.height)
    context = browser.new_context(
        viewport=size,
        is_mobile=picture.phone,
        has_touch=picture.phone,
        device_scale_factor=1.5 if picture.phone else 1,
        color_scheme="light",
        reduced_motion="reduce",
        locale=locale,
        timezone_id="Asia/Shanghai",
        base_url=address,
    )
    context.clock.set_fixed_time(MORNING)
    yield context
    context.close()


class Unfinished(Exception):
    """What a page is built of was not there: its assets were built anew meanwhile. Take the picture again."""


def _shot(page: Page, picture: Picture, path: str) -> bytes:
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status in (404, 500) else None)
    if picture.login:
        page.goto("/login")
        page.locator(f".gd-demo-card:has(input[value={picture.login}]) button").click()
        page.wait_for_url(lambda url: "/login" not in url)
    page.goto(path)
    picture.then(page)
    page.wait_for_load_state("networkidle")
    if missing:
        raise Unfinished(missing)
    page.evaluate("document.activeElement?.blur()")
    return page.screenshot(animations="disabled")


def _small(shot: bytes) -> bytes:
    """With few colours, as pages have."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        kept, "PNG", optimize=True
    )
    return kept.getvalue()


def _found(runtime: Runtime, picture: Picture) -> object:
    if picture.find is None:
        return ""
    with runtime.reading() as session:
        return session.scalars(picture.find.limit(1)).one()


def _drawn(page: Page) -> None:
    """Waits until the diagram is drawn."""
    page.wait_for_selector(".gd-diagram[data-ready='1']")


def _upload(page: Page) -> None:
    """A variant that leads past a step is refused; the way past it is played on the diagram."""
    files = {**shipped("class_kickoff"), "class_kickoff.bpmn": _leading_past()}
    given = [FilePayload(name=name, mimeType="text/xml", buffer=content) for name, content in sorted(files.items())]
    page.locator("select#brand").select_option(index=1)  # the group is the first
    page.locator("input#files").set_input_files(given)
    page.locator("main form button.btn-primary").click()
    _drawn(page)
    page.locator("[data-way]").first.click()
    page.wait_for_selector(".gd-diagram .gd-way-no")


def _leading_past() -> bytes:
    """The class kickoff with a brand's own end where the room is unfit, where it may have steps of its own."""
    drawing = shipped("class_kickoff")["class_kickoff.bpmn"].decode()
    for old, new in NO_ROOM:
        if drawing.count(old) != 1:
            raise NotInTheDrawing(old)
        drawing = drawing.replace(old, new)
    return drawing.encode()


class NotInTheDrawing(Exception):
    """The shipped drawing is another by now; change NO_ROOM with it."""


_URGED = (
    sa.select(Ticket.number)
    .join(Person, Person.id == Ticket.requester_id)
    .where(Person.login == "zhoulan", Ticket.urges > 0, Ticket.closed_at.is_(None))
    .order_by(Ticket.id.desc())
)
_HELD = (
    sa.select(Ticket.number)
    .join(Occurrence, Occurrence.ticket_id == Ticket.id)
    .join(StepRecord, StepRecord.occurrence_id == Occurrence.id)
    .join(StandardStep, StandardStep.id == StepRecord.step_id)
    .join(Standard, Standard.id == Occurrence.standard_id)
    .where(Standard.type_key == "class_kickoff", Ticket.closed_at.is_(None))
    .where(StandardStep.key == "hold", StepRecord.done_at.is_not(None))
    .order_by(Ticket.id.desc())
)
"""A kickoff that was held and goes on: its sign-in list and photos stand open."""

PICTURES: dict[str, Picture] = {
    "first-page": Picture(login="", path="/login", height=780),
    "inbox": Picture(login="lina", path="/inbox", height=760),
    "ticket": Picture(login="wanglei", path="/tickets/{}", find=_URGED, then=_drawn, height=1500),
    "evidence": Picture(login="chenxiao", path="/tickets/{}", find=_HELD, then=_drawn, height=1840),
    "form": Picture(login="zhoulan", path="/tickets/new/crash_report", phone=True),
    "matrix": Picture(login="chenxiao", path="/standards/{}/matrix?by=campus", find=sa.select(Standard.public_id)),
    "spot-check": Picture(login="chenxiao", path="/standards/checks/{}", find=sa.select(SpotCheck.public_id)),
    "upload": Picture(login="hejing", path="/types/new", then=_upload, height=1300),
    "dashboard": Picture(login="chenxiao", path="/dashboard", height=1000),
}


if __name__ == "__main__":
    main()
