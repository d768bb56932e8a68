"""Every page in both languages, light and dark, on a desktop and a phone: accessible, legible, within its window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Response, expect

from engine.database import create_engine
from tests.browser.desk import Desk, enter_password, open_desk
from tests.browser.harness import AXE_COLOURS, Pages, axe, complaints, shoot
from tests.browser.looks import faults, sticks_out
from tests.browser.scene import Scene
from tests.cast import enter
from tests.databases import Databases, Kind

pytestmark = pytest.mark.slow

NOT_PAGES = {
    "api.list_all": "JSON",
    "api.list_copied": "JSON",
    "api.list_tasks": "JSON",
    "api.list_types": "JSON",
    "api.preview_move": "JSON",
    "api.preview_publication": "JSON",
    "api.list_checks": "JSON",
    "api.list_waivers": "JSON",
    "api.read": "JSON",
    "api.get_launch": "JSON",
    "api.get_standard": "JSON",
    "api.list_standards": "JSON",
    "api.read_matrix": "JSON",
    "api.list_records": "JSON",
    "api.read_check": "JSON",
    "api.read_waiver": "JSON",
    "api.read_task": "JSON",
    "family.others": "a part of the pickers of tickets",
    "family.suggestions": "JSON",
    "files.show": "a download",
    "files.thumbnail": "a picture",
    "filing.subjects": "a part of filing.form",
    "health.alive": "JSON",
    "health.ready": "JSON",
    "home.index": "leads to where one starts",
    "lists.bulk_result": "needs an action first: tests.browser.test_lists",
    "lists.export_file": "a download",
    "lists.export_progress": "needs a large list first: tests.browser.test_lists",
    "lists.open_view": "leads to lists.tickets",
    "lists.version": "an ETag",
    "metrics.page": "text for Prometheus",
    "notices.badge": "a part of every page",
    "notices.newest": "a part of every page",
    "notices.version": "an ETag",
    "openapi.spec": "JSON",
    "audit.export": "a download",
    "api.get_person": "JSON",
    "api.list_places": "JSON",
    "people_import.template": "a download",
    "picking.suggestions": "a part of people pickers",
    "static": "assets",
    "subjects.template": "a download",
    "ticket.diagram": "drawn on ticket.show",
    "ticket.version": "an ETag",
    "types.archive": "a download",
    "types.drawing": "drawn on types.page",
    "types.file": "a download",
}
"""What one can GET and that shows no page of its own, with the reason."""

Act = Callable[[Desk, Page], object]
BAD_BPMN = (
    b"<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'>"
    b"<process id='errand' isExecutable='true'><userTask id='work' name='Work'/>"
    b"<sequenceFlow id='on' sourceRef='work' targetRef='nowhere'/></process></definitions>"
)
GOOD_BPMN = BAD_BPMN.replace(b"<sequenceFlow id='on' sourceRef='work' targetRef='nowhere'/>", b"")
BAD_SHEET = """kind,external_id,name,place,contract_end
student,,许安,sz-nanshan,2027-02-30
planet,P-1,顾言,nowhere,soon
"""


@dataclass(frozen=True)
class Seen:
    """A page: the endpoint that shows it, who looks ("": nobody), where (a path, or a key of the scene's `at`).

    `send` makes the page send a form, whose answer is then looked at; `then` changes what is shown without leaving.
    """

    endpoint: str
    login: str
    where: str
    status: int = 200
    send: Act | None = None
    then: Act | None = None


def press(selector: str) -> Act:
    return lambda _desk, page: page.locator(selector).first.click()


def send_file(name: str, content: bytes) -> Act:
    def send(_desk: Desk, page: Page) -> None:
        file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
        page.locator("main input[type=file]").set_input_files(file)
        page.locator("main form .btn-primary").click()

    return send


def check_file(name: str, content: bytes, button: str = "check") -> Act:
    """Only check it, or try it; the report comes into the page."""

    def check(_desk: Desk, page: Page) -> None:
        file = FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
        page.locator("main input[type=file]").set_input_files(file)
        page.locator(f"main form button[name={button}]").click()
        expect(page.locator("#found section").first).to_be_visible(timeout=60_000)

    return check


def lose_the_race(desk: Desk, page: Page) -> None:
    """Complete a task that somebody else completes at the same moment."""
    number = desk.file_crash()
    page.goto(f"/tickets/{number}")
    page.locator("textarea[name=triage_note]").fill("像是权限问题")
    desk.play.complete("lina", "Task_Triage", number, finding="defect", severity="major")
    page.locator("#task form[action$='/complete'] button.gd-push").click()


def wrong_password(_desk: Desk, page: Page) -> None:
    enter_password(page, "lina", "not this one")


def split_among_nobody(_desk: Desk, page: Page) -> None:
    page.locator("input[name=default][value=split]").check()
    page.locator("main .btn-primary").click()


def bad_number(_desk: Desk, page: Page) -> None:
    """Merge into a ticket that is not there."""
    page.locator("#ticket").fill("CR-0")
    page.locator("main .btn-primary").click()


def bad_address(_desk: Desk, page: Page) -> None:
    """Add an address that messages can't be sent to."""
    page.locator("#address-name").fill("教研群")
    page.locator("#address-url").fill("http://127.0.0.1/hook")
    page.locator("#address-url ~ .btn, form:has(#address-url) .btn").first.click()


def select_two(_desk: Desk, page: Page) -> None:
    for box in page.locator("tbody input[type=checkbox]").all()[:2]:
        box.check()


def open_menu(icon: str) -> Act:
    """A menu of the filter bar; on a phone some are in the form of filters instead."""

    def act(_desk: Desk, page: Page) -> None:
        summary = page.locator(f"details > summary:has(use[href*='{icon}'])")
        if summary.is_visible():
            summary.click()

    return act


def open_filters(_desk: Desk, page: Page) -> None:
    page.locator("[data-dialog]").first.click()
    expect(page.locator("#dialog .gd-filters")).to_be_visible()


def open_palette(_desk: Desk, page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [data-way]").first).to_be_visible()


def press_key(key: str) -> Act:
    return lambda _desk, page: page.keyboard.press(key)


def wrong_new_password(_desk: Desk, page: Page) -> None:
    for name, value in (("old", "not this one"), ("new", "password1234"), ("again", "password1234")):
        page.locator(f"input[name={name}]").fill(value)
    page.locator("main form .btn-primary").click()


TASK, FILING = "#task form[action$='/complete'] button.gd-push", "main form > .card .btn-primary"
MENU = ".gd-me summary, .gd-phead summary"


def open_menus(_desk: Desk, page: Page) -> None:
    """The account menu, which on a phone is in the side bar."""
    if (button := page.locator(".gd-top .gd-phone")).is_visible():
        button.click()
    page.locator(MENU).last.click()  # the bell's is before it


PAGES = {
    "01-login": Seen("home.login", "", "/login"),
    "01-login-refused": Seen("home.login", "", "/login", 422, send=wrong_password),
    "02-welcome": Seen("home.nothing", "new", "/welcome"),
    "02-not-found": Seen("home.index", "lina", "/nowhere", 404),
    "02-not-found-requester": Seen("home.index", "zhoulan", "/tickets/CR-1", 404),
    "02-not-yours": Seen("home.index", "zhoulan", "/types", 403),
    "03-choose": Seen("filing.choose", "zhoulan", "/tickets/new"),
    "03-choose-staff": Seen("filing.choose", "zhaomin", "/tickets/new"),
    "03-file": Seen("filing.form", "zhoulan", "/tickets/new/crash_report"),
    "03-file-refused": Seen("filing.form", "zhoulan", "/tickets/new/crash_report", 422, send=press(FILING)),
    "03-file-every-field": Seen("filing.form", "zhaomin", "/tickets/new/every_field?:subject_name=QH"),
    "03-file-every-field-refused": Seen("filing.form", "zhaomin", "/tickets/new/every_field", 422, send=press(FILING)),
    "03-choose-caller": Seen("filing.choose", "lina", "for a caller"),
    "03-file-caller": Seen("filing.form", "lina", "form for a caller"),
    "03-callers": Seen("callers.index", "lina", "/tickets/callers?q=周"),
    "03-callers-none": Seen("callers.index", "lina", "/tickets/callers?q=13600000000"),
    "03-caller-new": Seen("callers.new", "zhaomin", "/tickets/callers/new?q=136"),
    "03-caller-refused": Seen("callers.new", "lina", "/tickets/callers/new", 422, send=press("main .btn-primary")),
    "09-departures": Seen("departures.index", "admin", "/departures"),
    "09-departures-none": Seen("departures.index", "guohao", "/departures"),
    "09-departure-who": Seen("departures.new", "admin", "/departures/new"),
    "09-departure-preview": Seen("departures.new", "admin", "leaving"),
    "09-departure-refused": Seen("departures.new", "admin", "leaving", 422, send=split_among_nobody),
    "09-departure-done": Seen("departures.page", "admin", "left"),
    "09-departure-undone": Seen("departures.page", "admin", "came back"),
    "04-my-tickets": Seen("lists.mine", "zhoulan", "/my-tickets", then=open_menus),
    "04-my-tickets-empty": Seen("lists.mine", "huangyi", "/my-tickets"),
    "04-my-tickets-staff": Seen("lists.mine", "lina", "/my-tickets"),
    "04-my-tickets-none": Seen("lists.mine", "zhoulan", "/my-tickets?stage=ended&q=none"),
    "04-my-ticket-new": Seen("ticket.show", "zhoulan", "long"),
    "04-my-ticket-asked": Seen("ticket.show", "zhoulan", "asked"),
    "04-my-ticket-talked": Seen("ticket.show", "zhoulan", "claimed"),
    "04-my-ticket-confirm": Seen("ticket.show", "zhoulan", "answered"),
    "04-my-ticket-refused": Seen("ticket.show", "zhoulan", "answered", 422, send=press(TASK)),
    "04-my-ticket-closed": Seen("ticket.show", "zhoulan", "closed"),
    "06-types": Seen("types.index", "hejing", "/types"),
    "06-type": Seen("types.page", "hejing", "type crash_report"),
    "06-type-undrawn": Seen("types.page", "chenxiao", "type every_field"),
    "06-type-variants": Seen("types.page", "hejing", "standard with variants"),
    "06-type-lost": Seen("types.page", "guohao", "variant that was lost"),
    "06-type-holds": Seen("types.page", "hejing", "variant that holds"),
    "06-type-again": Seen("publishing.show", "hejing", "standard with variants/versions/1/publication"),
    "06-type-moving": Seen("version_moves.show", "hejing", "standard with variants/versions/1/tickets"),
    "06-upload": Seen("types.upload", "hejing", "/types/new"),
    "06-upload-report": Seen("types.upload", "hejing", "/types/new", 422, send=send_file("errand.bpmn", BAD_BPMN)),
    "06-upload-checked": Seen("types.upload", "hejing", "/types/new", then=check_file("errand.bpmn", GOOD_BPMN)),
    "06-upload-tried": Seen("types.upload", "hejing", "/types/new", then=check_file("errand.bpmn", GOOD_BPMN, "try")),
    "06-upload-refused": Seen("types.upload", "hejing", "/types/new", 422, send=send_file("a.zip", b"PK")),
    "12-tickets": Seen(
        "lists.tickets", "zhangwei", "/tickets?status=open&type=crash_report&cols=status,owner,due,f.os"
    ),
    "12-tickets-selected": Seen("lists.tickets", "zhangwei", "/tickets?view=all", then=select_two),
    "12-tickets-columns": Seen("lists.tickets", "zhangwei", "/tickets?view=all", then=open_menu("columns-3")),
    "12-tickets-save": Seen("lists.tickets", "zhangwei", "/tickets?status=open", then=open_menu("bookmark")),
    "12-tickets-none": Seen("lists.tickets", "lina", "/tickets?status=withdrawn"),
    "12-tickets-misread": Seen("lists.tickets", "lina", "/tickets?status=done"),
    "12-filters": Seen("lists.ticket_filters", "zhangwei", "/tickets/filters?type=crash_report&status=open"),
    "12-filters-dialog": Seen("lists.tickets", "zhangwei", "/tickets?view=all", then=open_filters),
    "12-views": Seen("lists.views", "zhangwei", "/views"),
    "12-palette": Seen("palette.page", "zhangwei", "/palette?q=CR"),
    "12-palette-none": Seen("palette.page", "lina", "/palette?q=nothing-at-all"),
    "12-palette-dialog": Seen("lists.tickets", "zhangwei", "/tickets?view=all", then=open_palette),
    "12-keys": Seen("lists.inbox", "lina", "/inbox", then=press_key("?")),
    "12-similar": Seen("lists.similar", "lina", "in development/similar"),
    "08-dashboard": Seen("dashboard.page", "chenxiao", "/dashboard"),
    "08-dashboard-campus": Seen("dashboard.page", "zhaomin", "/dashboard"),
    "07-policies": Seen("service.policy_index", "guohao", "/service/policies"),
    "07-policy": Seen("service.policy_form", "guohao", "policy"),
    "07-calendars": Seen("service.calendar_index", "chenxiao", "/service/calendars"),
    "07-calendars-tried": Seen("service.try_span", "chenxiao", "due"),
    "07-calendar": Seen("service.calendar", "chenxiao", "month"),
    "07-calendar-new": Seen("service.new_calendar", "chenxiao", "/service/calendars/new"),
    "07-calendar-refused": Seen(
        "service.new_calendar", "chenxiao", "/service/calendars/new", 422, send=press(".gd-savebar .btn-primary")
    ),
    "07-calendar-edit": Seen("service.edit_calendar", "chenxiao", "calendar/edit"),
    "07-closures": Seen("service.closure_index", "zhaomin", "/service/closures"),
    "18-queue": Seen("dispatch.index", "zhangwei", "/dispatch"),
    "18-queue-offered": Seen("dispatch.index", "tangyan", "/dispatch?view=offered"),
    "18-queue-refused": Seen("dispatch.index", "zhangwei", "/dispatch", 422, send=press(".gd-bulk .btn-primary")),
    "18-queue-empty": Seen("dispatch.index", "chenxiao", "/dispatch?type=nothing"),
    "18-absences": Seen("absences.index", "zhangwei", "/absences"),
    "18-absences-empty": Seen("absences.index", "liutao", "/absences"),
    "18-rules": Seen("rules.index", "admin", "/rules?type=nameless"),
    "18-rules-every-type": Seen("rules.index", "guohao", "/rules"),
    "18-rules-tried": Seen("rules.trial", "admin", "/rules/trial?type=crash_report&number=CR-1", 404),
    "18-task-transfer": Seen("task_verbs.form", "lina", "claimed task/do/transfer"),
    "18-task-delegate": Seen("task_verbs.form", "lina", "claimed task/do/delegate"),
    "18-task-consult": Seen("task_verbs.form", "lina", "claimed task/do/consult"),
    "18-task-help": Seen("task_verbs.form", "lina", "claimed task/do/help"),
    "18-task-asked": Seen("ticket.show", "chenxiao", "claimed"),
    "18-inbox-asked": Seen("lists.inbox", "chenxiao", "/inbox?view=asked"),
    "10-subjects": Seen("subjects.index", "zhaomin", "/subjects"),
    "10-subjects-none": Seen("subjects.index", "zhaomin", "/subjects?q=nobody"),
    "10-subjects-requester": Seen("subjects.index", "zhoulan", "/subjects"),
    "10-subject": Seen("subjects.page", "zhaomin", "subject QH-S-1003"),
    "10-subject-long": Seen("subjects.page", "chenxiao", "subject QH-S-1004"),
    "10-subject-new": Seen("subjects.new", "zhaomin", "/subjects/new"),
    "10-subject-refused": Seen("subjects.new", "zhaomin", "/subjects/new", 422, send=press(".gd-savebar .btn-primary")),
    "10-subject-edit": Seen("subjects.edit", "zhaomin", "subject QH-S-1004/edit"),
    "10-import": Seen("subjects.sheet", "zhaomin", "/subjects/import"),
    "10-import-report": Seen(
        "subjects.sheet", "zhaomin", "/subjects/import", 422, send=send_file("学员.csv", BAD_SHEET.encode())
    ),
    "10-import-refused": Seen(
        "subjects.sheet", "zhaomin", "/subjects/import", 422, send=send_file("a.csv", b"\xff\xfe")
    ),
    "14-me": Seen("me.page", "lina", "/me"),
    "14-me-requester": Seen("me.page", "zhoulan", "/me"),
    "14-password": Seen("me.password", "lina", "/me/password"),
    "14-password-refused": Seen("me.password", "zhoulan", "/me/password", 422, send=wrong_new_password),
    "14-password-first": Seen("me.password", "returner", "/me/password"),
    "15-people": Seen("people.index", "admin", "/system/people"),
    "15-people-departed": Seen("people.index", "admin", "/system/people?state=departed"),
    "15-people-none": Seen("people.index", "admin", "/system/people?q=nobody"),
    "15-person": Seen("person.page", "guohao", "person zhoulan"),
    "15-person-departed": Seen("person.page", "admin", "person wufang"),
    "15-person-read": Seen("person.page", "zhaomin", "person zhoulan"),
    "15-person-new": Seen("people.new", "guohao", "/system/people/new"),
    "15-person-refused": Seen(
        "people.new", "guohao", "/system/people/new", 422, send=press(".gd-savebar .btn-primary")
    ),
    "15-person-edit": Seen("person.edit", "guohao", "person zhoulan/edit"),
    "15-imports": Seen("people_import.index", "guohao", "/system/people/imports"),
    "15-imports-none": Seen("people_import.index", "admin", "/system/people/imports"),
    "15-import-new": Seen("people_import.new", "guohao", "/system/people/imports/new"),
    "15-import-refused": Seen(
        "people_import.new", "guohao", "/system/people/imports/new", 422, send=send_file("a.xlsx", b"PK\x03\x04")
    ),
    "15-import-wrong": Seen("people_import.page", "guohao", "import wrong"),
    "15-import-right": Seen("people_import.page", "guohao", "import right"),
    "20-clients": Seen("clients.index", "admin", "/system/access"),
    "20-client-new": Seen("clients.new", "admin", "/system/access/new"),
    "20-client": Seen("clients.page", "guohao", "client"),
    "20-client-secret": Seen("clients.page", "guohao", "client", send=press("form[action$='/secret'] button")),
    "20-client-webhook": Seen("clients.page", "guohao", "client", then=press("main summary")),
    "21-secrets": Seen("secrets.index", "admin", "/system/secrets"),
    "21-secret-new": Seen("secrets.new", "admin", "/system/secrets/new"),
    "21-secret-refused": Seen(
        "secrets.new", "admin", "/system/secrets/new", 422, send=press(".gd-savebar .btn-primary")
    ),
    "21-secret": Seen("secrets.page", "admin", "secret"),
    "21-connectors": Seen("connectors.index", "admin", "/system/connectors"),
    "21-connectors-failed": Seen("connectors.index", "admin", "/system/connectors?failed=1"),
    "20-type-settings": Seen("type_settings.show", "guohao", "type crash_report/settings"),
    "20-erase": Seen("privacy.ask", "admin", "erasure"),
    "16-roles": Seen("roles.index", "admin", "/system/roles"),
    "16-role": Seen("roles.page", "admin", "role consultant"),
    "16-role-read": Seen("roles.page", "guohao", "role administrator"),
    "16-role-new": Seen("roles.new", "guohao", "/system/roles/new"),
    "16-role-refused": Seen("roles.new", "guohao", "/system/roles/new", 422, send=press(".gd-savebar .btn-primary")),
    "17-places": Seen("places.index", "admin", "/system/places"),
    "17-places-none": Seen("places.index", "admin", "/system/places?q=nowhere"),
    "17-place": Seen("places.page", "guohao", "place qinghe"),
    "17-place-campus": Seen("places.page", "admin", "place sz-nanshan"),
    "17-place-new": Seen("places.new", "guohao", "place qinghe/new"),
    "17-place-refused": Seen("places.new", "guohao", "place qinghe/new", 422, send=press(".gd-savebar .btn-primary")),
    "18-menus": Seen("menus.index", "admin", "/system/menus"),
    "19-audit": Seen("audit.index", "admin", "/system/audit"),
    "19-operations": Seen("operations.index", "admin", "/system/operations?state=queued"),
    "19-operations-refused": Seen("operations.index", "lina", "/system/operations", 403),
    "19-audit-none": Seen("audit.index", "admin", "/system/audit?what=nothing"),
    "09-notices": Seen("notices.index", "zhoulan", "/notices"),
    "09-notices-bell": Seen("notices.index", "lina", "/notices", then=press(".gd-bell summary")),
    "09-notices-none": Seen("notices.index", "huangyi", "/notices"),
    "09-notices-choices": Seen("notices.choices", "zhoulan", "/me/notices"),
    "09-notices-address-refused": Seen("notices.choices", "lina", "/me/notices", 422, send=bad_address),
    "09-channels": Seen("notices.channels", "admin", "/channels"),
    "09-copies": Seen("copies.index", "liutao", "/cc"),
    "09-copies-none": Seen("copies.index", "huangyi", "/cc"),
    "11-conflict": Seen("ticket.show", "zhangwei", "/inbox", 409, send=lose_the_race),
    "12-inbox": Seen("lists.inbox", "lina", "/inbox", then=open_menus),
    "12-inbox-roles": Seen("lists.inbox", "lina", "/inbox?view=roles"),
    "12-inbox-owned": Seen("lists.inbox", "lina", "/inbox?view=owned"),
    "12-inbox-empty": Seen("lists.inbox", "chenxiao", "/inbox"),
    "12-tickets-filtered": Seen("lists.tickets", "lina", "/tickets?status=closed&type=crash_report&q=HUAWEI"),
    "13-ticket-offered": Seen("ticket.show", "lina", "late"),
    "13-ticket-long": Seen("ticket.show", "zhangwei", "long"),
    "13-ticket-mine": Seen("ticket.show", "lina", "claimed"),
    "13-ticket-refused": Seen("ticket.show", "lina", "offered", 422, send=press(TASK)),
    "13-ticket-developer": Seen("ticket.show", "wanglei", "in development"),
    "13-ticket-closed": Seen("ticket.show", "lina", "closed"),
    "13-ticket-stopped": Seen("ticket.show", "zhangwei", "stopped"),
    "13-ticket-family": Seen("ticket.show", "lina", "parent"),
    "13-ticket-suspended": Seen("ticket.show", "lina", "suspended"),
    "13-ticket-merged": Seen("ticket.show", "lina", "merged"),
    "13-ticket-rated": Seen("ticket.show", "lina", "rated"),
    "13-my-ticket-suspended": Seen("ticket.show", "zhoulan", "suspended"),
    "13-my-ticket-merged": Seen("ticket.show", "zhoulan", "merged"),
    "13-my-ticket-rated": Seen("ticket.show", "zhoulan", "rated"),
    **{
        f"14-do-{verb}": Seen("verbs.form", "lina", f"do {verb}")
        for verb in ("suspend", "resolve", "hand_over", "priority", "retitle", "tag", "link", "merge", "close")
    },
    "14-do-assign": Seen("verbs.form", "zhangwei", "do assign"),
    "14-do-refused": Seen("verbs.form", "lina", "do merge", 422, send=bad_number),
    "14-do-withdraw": Seen("verbs.form", "zhoulan", "do withdraw"),
    "14-do-reopen": Seen("verbs.form", "zhoulan", "do reopen"),
    "14-do-step-back": Seen("task_verbs.form", "lina", "do step_back"),
    "26-standards": Seen("standards.index", "chenxiao", "/standards"),
    "26-standards-campus": Seen("standards.index", "zhaomin", "/standards"),
    "26-standard": Seen("standards.page", "chenxiao", "set up"),
    "26-standard-campus": Seen("standards.page", "zhaomin", "set up"),
    "26-standard-choose": Seen("standards.new", "chenxiao", "/standards/new"),
    "26-standard-edit": Seen("standards.edit", "chenxiao", "set up/edit"),
    "27-matrix-all": Seen("matrix.overview", "chenxiao", "/standards/matrix"),
    "27-matrix-all-empty": Seen("matrix.overview", "zhaomin", "/standards/matrix?period=2025-01"),
    "27-matrix": Seen("matrix.page", "chenxiao", "matrix"),
    "27-matrix-campus": Seen("matrix.page", "zhaomin", "matrix"),
    "27-matrix-past": Seen("matrix.page", "guohao", "matrix past"),
    "27-matrix-misread": Seen("matrix.page", "guohao", "matrix misread"),
    "27-matrix-steps": Seen("matrix.records", "chenxiao", "steps"),
    "27-matrix-steps-none": Seen("matrix.records", "zhaomin", "steps none"),
    "28-checks": Seen("checks.index", "chenxiao", "/standards/checks"),
    "28-check-new": Seen("checks.new", "chenxiao", "/standards/checks/new"),
    "28-check": Seen("checks.page", "chenxiao", "check"),
    "28-check-campus": Seen("checks.page", "zhaomin", "check"),
    "28-waivers": Seen("waivers.index", "chenxiao", "/standards/waivers"),
    "28-waivers-over": Seen("waivers.index", "chenxiao", "/standards/waivers?stage=over"),
    "28-waiver-new": Seen("waivers.new", "zhaomin", "/standards/waivers/new"),
    "28-waiver": Seen("waivers.page", "chenxiao", "waiver"),
    "15-replies": Seen("canned.index", "lina", "/replies"),
    "15-replies-empty": Seen("canned.index", "liutao", "/replies"),
    "15-reply-new": Seen("canned.new", "zhangwei", "/replies/new"),
    "15-reply": Seen("canned.page", "lina", "reply"),
    "13-ticket-renewal": Seen("ticket.show", "liutao", "renewal"),
}


@dataclass
class Stage:
    """The scene of this worker, served; windows that last, so that they load scripts, styles and axe once."""

    scene: Scene
    desk: Desk
    windows: dict[tuple[bool, str], Page] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def enter(self, login: str, *, phone: bool, locale: str) -> Iterator[Page]:
        """A window in which that person is signed in, "" being nobody; it is left blank and as wide as before."""
        page = self.windows.get((phone, locale)) or self._open(phone=phone, locale=locale)
        page.context.clear_cookies()
        if login:
            self.cookies[login] = self.cookies.get(login) or self.desk.cookie(login)
            self.desk.admit(page.context, self.cookies[login])
        yield page
        with page.expect_navigation(url="about:blank"):
            page.evaluate("location.replace('about:blank')")  # by itself: sent there, it would begin a process anew
        page.emulate_media(color_scheme="light")
        self.windows[phone, locale] = page

    def _open(self, *, phone: bool, locale: str) -> Page:
        browser = self.desk.pages.context(base_url=self.desk.address, phone=phone, locale=locale)
        browser.add_init_script(axe())
        return browser.new_page()


@pytest.fixture(scope="module")
def served(databases: Databases, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    url, folder = databases.create(Kind.SQLITE), tmp_path_factory.mktemp("scene")
    engine = create_engine(url)
    scene, pages = Scene(enter(engine, folder)), Pages(browser)
    scene.set()
    with open_desk(scene.cast, folder, pages) as desk:
        yield Stage(scene, desk)
    pages.close()
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def stage(served: Stage) -> Iterator[Stage]:
    yield served
    served.desk.pages.check()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_see_read_and_use(stage: Stage, name: str, locale: str) -> None:
    found: list[str] = []
    for phone in (False, True):
        device, seen = "phone" if phone else "desktop", PAGES[name]
        with stage.enter(seen.login, phone=phone, locale=locale) as page:
            show(stage, seen, page)
            found += [f"{device}: {each}" for each in complaints(page) + faults(page) + sticks_out(page)]
            shoot(page, name)
            darken(page, by_system=phone)
            found += [f"{device}, dark: {each}" for each in complaints(page, rules=AXE_COLOURS)]
            shoot(page, name)
    assert not found, "\n".join(dict.fromkeys(found))


def test_every_address_is_in_the_table(stage: Stage) -> None:
    shown = {seen.endpoint for seen in PAGES.values()}
    known = {rule.endpoint for rule in stage.desk.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert known - shown - NOT_PAGES.keys() == set(), "add each new page to PAGES, or to NOT_PAGES with the reason"
    assert (shown | NOT_PAGES.keys()) - known == set(), "these are no longer there"


def show(stage: Stage, seen: Seen, page: Page) -> None:
    """Bring the page into that window and to rest."""
    desk = stage.desk
    if seen.status >= 400:
        desk.pages.expect(f"status of {seen.status}")
    answer = page.goto(address(stage.scene, seen.where))
    if answer and answer.status == 200 and not seen.send:
        assert desk.app.url_map.bind("").match(urlsplit(answer.url).path)[0] == seen.endpoint, "it leads elsewhere"
    if seen.send:
        with page.expect_response(is_page) as caught:
            seen.send(desk, page)
        answer = caught.value
        page.wait_for_load_state()
    check_answer(answer, seen.status)
    for drawing in page.locator("[data-bpmn-src]").all():
        expect(drawing).to_have_attribute("data-ready", re.compile("[01]"))
    if seen.then:
        seen.then(desk, page)


def address(scene: Scene, where: str) -> str:
    """Where it is: `where` itself, or what the scene knows by that name, with a path added."""
    if where.startswith("/"):
        return where
    name, slash, rest = where.partition("/")
    return scene.at[name] + slash + rest


def is_page(response: Response) -> bool:
    return response.request.method == "POST" and response.request.is_navigation_request() and response.status != 303


def check_answer(answer: Response | None, status: int) -> None:
    assert answer
    assert answer.status == status
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"


def darken(page: Page, *, by_system: bool) -> None:
    """Dark as the reader's system asks for it, or as they chose it themselves."""
    if by_system:
        page.emulate_media(color_scheme="dark")
    else:
        page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
