"""A stage for the verbs of tickets and tasks: one database, one window per person, and how verbs are done in a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import Desk
from tests.engine import build
from tests.tickets import play
from tickets.assigning.models import AssignmentRule, Method, RuleBook
from tickets.shares import TaskShare

SENT: dict[str, str | float | bool] = {
    "body": "说两句",
    "why": "说两句",
    "to": "zhangwei",
    "people": "liutao",
    "until": "",
    "title": "另一个题目",
    "ticket": "ER-1001",
    "kind": "related",
    "priority": "high",
    "stars": "5",
    "tags": "网络",
    "question": "见过吗",
    "answer": "见过",
    "expected": "2027-01-08T09:00",
    "tickets": "ER-1001",
    "owner": "on",
    "result": "好",
}
"""What whoever may not do it sends anyway: enough for any verb, so that nothing but the person is wrong."""


@dataclass
class Stage:
    """What the deeds are done on. `lina` answers for the tickets, `wanglei` works on them, `zhoulan` filed them."""

    desk: Desk
    windows: dict[str, Page] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def window(self, login: str) -> Page:
        """Theirs, the same one in every test."""
        if login not in self.windows:
            self.windows[login] = self.desk.enter(login)
        return self.windows[login]

    def person(self, login: str) -> int:
        return self.desk.cast.people[login]

    @cached_property
    def types(self) -> None:
        """`errand`, whose one step after the other is support's and the developers'; `proposal` is offered to lina."""
        sheet = {"sheet": [play.text("result")]}
        self.desk.play.define(
            build.start(),
            play.staff("check", name="核对", camunda__formRef="sheet"),
            play.staff("develop", to="developer", name="研发", camunda__formRef="sheet"),
            build.end(),
            build.chain("begin", "check", "develop", "done"),
            forms=sheet,
            title="平板进不了课堂",
            prefix="ER",
        )
        within: Any = {"accept.within": "PT2H"}
        look = (play.staff("look", name="看一看"), build.end(), build.chain("begin", "look", "done"))
        self.desk.play.define(build.start(), *look, key="proposal", prefix="PR", title="请看一看", **within)
        proof = (play.staff("prove", build.settings(evidence="confirmation"), name="取证"), build.end())
        ways = build.chain("begin", "prove", "done")
        self.desk.play.define(build.start(), *proof, ways, key="proven", prefix="PV", title="要旁证")
        with self.desk.play.writing() as session, session.begin():
            rule = {"type_key": "proposal", "element": "", "position": 0, "method": Method.PERSON}
            args, now = {"who": "lina"}, self.desk.cast.clock.now()
            session.add(RuleBook(id=1, version=1))
            session.add(AssignmentRule(brand_id=self.desk.cast.places["qiming"], args=args, updated_at=now, **rule))

    def filed(self) -> str:
        """A ticket that nobody has accepted yet."""
        self.types  # noqa: B018 - made at its first use
        return self.desk.play.file("zhoulan")

    def proposed(self) -> str:
        """A ticket that is offered to lina."""
        self.types  # noqa: B018 - made at its first use
        return self.desk.play.file("zhoulan", "proposal")

    def checked(self) -> str:
        """lina accepted it and has its first task."""
        self.desk.play.claim("lina", "check", number := self.filed())
        return number

    def worked_on(self) -> str:
        """lina answers for it and has done the first task; wanglei has the second."""
        number = self.checked()
        self.desk.play.complete("lina", "check", number, result="查过了")
        self.desk.play.claim("wanglei", "develop", number)
        return number

    def proven(self) -> str:
        """lina has a task that somebody else is to confirm."""
        self.types  # noqa: B018 - made at its first use
        self.desk.play.claim("lina", "prove", number := self.desk.play.file("zhoulan", "proven"))
        return number

    def task_id(self, number: str) -> UUID:
        """Its one open task's."""
        (element,) = self.desk.play.open_tasks(number)
        return self.desk.play.task(element, number).public_id

    def share_id(self, number: str) -> UUID:
        """The one share of its open task."""
        query = sa.select(TaskShare.public_id).where(TaskShare.ticket_id == self.desk.play.ticket(number).id)
        with self.desk.cast.runtime.reading() as session:
            return session.scalars(query).one()


Given = Callable[[Stage], str]
How = Callable[[Page], None]


@dataclass(frozen=True)
class Deed:
    """A verb done through the page. `given` makes the ticket; `who` does it as `how` says and then sees `seen` on the
    page or in what it says of it; `wrong` sees the ticket, but is not one who does it. `address` takes its POST (or
    PUT), with {number}, {task} and {share} in it; `page` is where it is done, the ticket's own unless said; `hidden` is
    what only `who` has there, a selector, the verb's entry unless said; `refused` is what `wrong` is answered.
    """

    given: Given
    who: str
    how: How
    seen: str
    wrong: str
    address: str
    page: str = "/tickets/{number}"
    hidden: str = ""
    method: str = "POST"
    refused: int = 403

    def play(self, stage: Stage, verb: str) -> None:
        """The wrong person and one of another brand are refused; the right one does it."""
        number = self.given(stage)
        names = self._names(stage, number)
        address, where = self.address.format(**names), self.page.format(**names)
        entry = self.hidden or entry_of(verb, address)
        page = stage.window(self.wrong)
        page.goto(f"/tickets/{number}")
        expect(page.locator("main")).to_contain_text(stage.desk.play.ticket(number).title)
        assert (page.locator(entry).count(), send(page, self.method, address)) == (0, self.refused)
        stranger = stage.window("huangyi")
        if stranger.url == "about:blank":
            stranger.goto("/my-tickets")
        assert send(stranger, self.method, address) == (403 if "{" not in self.address else 404)
        page = stage.window(self.who)
        page.goto(where)
        expect(page.locator(entry).first).to_be_attached()
        self.how(page)
        expect(page.locator("body")).to_contain_text(self.seen.format(**names))

    def _names(self, stage: Stage, number: str) -> Mapping[str, Any]:
        task = stage.task_id(number) if "{task}" in self.address else ""
        share = stage.share_id(number) if "{share}" in self.address else ""
        return {"number": number, "task": task, "share": share}


def entry_of(verb: str, address: str) -> str:
    """Whatever on a page does the verb: its form, its button, its entry in a menu."""
    return f"main :is(form[action$='{address}'], [formaction$='{address}'], [href$='/do/{verb}'])"


def send(page: Page, method: str, address: str) -> int:
    """What the server answers to a verb that the page doesn't offer."""
    token = json.loads(page.locator("body").get_attribute("hx-headers:inherited") or "{}")["X-CSRFToken"]
    headers = {"X-CSRFToken": token}
    answer = page.request.fetch(address, method=method, form=SENT, headers=headers, max_redirects=0)
    return answer.status


def dialog(verb: str, **values: str) -> How:
    """By the verb's entry, in a menu or on the page, and its form in the dialog."""

    def how(page: Page) -> None:
        entry = page.locator(f"main [href$='/do/{verb}']").first
        reveal(entry)
        entry.click()
        form = page.locator("#dialog form")
        expect(form).to_be_visible()
        for name, value in values.items():
            fill(form, name, value)
        form.locator(".btn-primary").click()
        expect(page.locator("#dialog")).to_be_hidden()

    return how


def press(selector: str) -> How:
    """A button on the page or in a menu."""

    def how(page: Page) -> None:
        button = page.locator(selector).first
        reveal(button)
        button.click()

    return how


def write(to: str, text: str, button: str) -> How:
    """In the composer: to whom (the radio button's value), the text, and the button that sends it."""

    def how(page: Page) -> None:
        way = page.locator(f"#composer label:has(input[name=to][value={to}])")
        if way.count():
            way.click()
        page.locator("#composer textarea").fill(text)
        page.locator(f"#composer .btn-primary:visible:has-text('{button}')").click()

    return how


def reveal(inner: Locator) -> None:
    """Open the menu that it is in, if it is in one."""
    menu = inner.locator("xpath=ancestor::details[not(@open)]")
    if menu.count():
        menu.locator("summary").click()


def fill(form: Locator, name: str, value: str) -> None:
    """A text, one of several radio buttons, or a person, picked from what is suggested."""
    found = form.locator(f"[name={name}]")
    if found.first.get_attribute("type") == "radio":
        form.locator(f"[name={name}][value='{value}']").check()
    elif form.locator(f"[data-pick]:has([name={name}])").count():
        found.fill(value)
        form.locator("[role=option]").filter(has_text=value).first.click()
    else:
        found.fill(value)
