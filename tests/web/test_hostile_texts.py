"""Markup in every text that people, designers and other systems give: it is shown as text, on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import pytest

from tests.engine.build import bpmn, chain, element, end, settings, start
from tests.tickets.play import form, text
from tests.web.site import Site, Visitor
from tickets import conversation
from tickets.subject_register import put_subject

MARKUP = """"'><img src=x onerror=alert(1)><svg/onload=alert(2)>{{7*7}}"""
LINKS = (
    "# h [a](javascript:alert(1)) [b](JaVaScRiPt&#58;alert(1)) [c](data:text/html,x)"
    ' <a href="vbscript:x" onclick=x>v</a>'
    " <style>*{}</style> <form action=//evil.example><input name=csrf_token></form> <base href=//evil.example>"
    " <math><mtext><table><mglyph><style><b onclick=alert(1)>"
)
PROPERTIES = {"category": MARKUP, "icon": MARKUP, "name__zh": MARKUP, "name__en": MARKUP, "visible": "true"}
HARMFUL = {"script", "iframe", "object", "embed", "style", "base", "math", "mglyph", "img"}
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "hx-get", "hx-post", "hx-put"}


class Harm(HTMLParser):
    """What a page would do that it should not."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        ours = tag == "script" and given.get("src", "").startswith("/static/dist/")
        if tag in HARMFUL and not ours:
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            elsewhere = name in ADDRESSES and re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)
            away = name in ADDRESSES - {"href"} and value.startswith("//")
            if name.startswith(("on", "hx-on", "style")) or elsewhere or away:
                self.found.append(f"<{tag} {name}={value}>")


@pytest.fixture
def number(site: Site) -> str:
    """The ticket of a type that is markup throughout, with a letter of each kind and an attached file."""
    fields = (
        {**text("device"), "label": MARKUP, "description": MARKUP, "appearance": {"prefixAdorner": MARKUP}},
        {"type": "text", "text": LINKS},
        {"type": "text", "text": '="<b onclick=alert(1)> [x](javascript:alert(1)) " + device'},
        {"type": "select", "key": "one", "label": MARKUP, "values": [{"label": MARKUP, "value": MARKUP}]},
        {"type": "group", "label": MARKUP, "components": [{**text("inner"), "label": MARKUP, "defaultValue": MARKUP}]},
        {"type": "dynamiclist", "path": "rows", "label": MARKUP, "components": [{**text("cell"), "label": MARKUP}]},
        {"type": "filepicker", "key": "files", "label": MARKUP},
    )
    documented = element("documentation", "words", MARKUP.replace("<", "&lt;"))
    look = settings(**PROPERTIES) + documented
    parts = (
        settings(**PROPERTIES),
        documented.replace("words", "more"),
        start(name=MARKUP, camunda__formRef="ask"),
        element(
            "userTask",
            "look",
            look.replace("words", "most"),
            name=MARKUP,
            camunda__formRef="ask",
            camunda__candidateGroups="support",
        ),
        end(),
        chain("begin", "look", "done"),
    )
    content = bpmn(*parts, process="marked").replace(
        b'<process id="marked"', b'<process id="marked" name="&lt;img src=x&gt;"'
    )
    assert site.play.upload({"marked.bpmn": content, "ask.form": form(*fields)}).report.accepted
    zhoulan = site.browser("zhoulan")
    given = {"type": "marked", "device": MARKUP, "one": MARKUP, "rows[0].cell": MARKUP, "rows": "0"}
    filed = zhoulan.post("/tickets", {**given, "files": (BytesIO(b"<svg onload=alert(1)>"), f"{MARKUP[1:]}.svg")})
    assert filed.status == 303, filed.text
    number = filed.location.rpartition("/")[2]
    cast = site.cast
    conversation.accept(cast.runtime, cast.lina, number)
    conversation.note(cast.runtime, cast.lina, number, LINKS + MARKUP, [])
    conversation.reply(cast.runtime, cast.lina, number, LINKS + MARKUP, [])
    conversation.answer(cast.runtime, cast.zhoulan, number, LINKS + MARKUP, [])
    values = {"name": MARKUP, "place": "sz-nanshan", "responsible": "liutao", "attributes": {MARKUP: MARKUP}}
    put_subject(cast.runtime, cast.chenxiao, "student", "X-1", values)
    return number


def addresses(reader: Visitor, number: str) -> Iterator[str]:
    yield from ("/inbox", "/inbox?view=roles", "/inbox?view=owned", "/tickets", "/my-tickets", "/types", "/subjects")
    yield from ("/tickets/new", "/tickets/new/marked", f"/tickets/{number}", f"/tickets/{MARKUP}", f"/{MARKUP}")
    yield from (
        f"{path}?q={MARKUP}&category={MARKUP}&subject_name={MARKUP}" for path in ("/tickets", "/subjects", "/types")
    )
    for listed in ("/types", "/subjects"):
        yield from re.findall(rf'href="({listed}/[0-9a-f-]{{36}})"', reader.get(listed).text)
    yield f"/login?next=/{MARKUP}"


@pytest.mark.parametrize("login", ["zhoulan", "lina", "zhaomin", "admin"])
def test_no_page_does_what_a_text_says(site: Site, number: str, login: str) -> None:
    reader = site.browser(login)
    for address in addresses(reader, number):
        page = reader.get(address)
        assert page.status < 500, address
        harm = Harm()
        harm.feed(page.text)
        assert harm.found == [], address
        assert "{{49}}" not in page.text, address
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self';"), address


def test_the_texts_are_there(site: Site, number: str) -> None:
    shown = site.browser("lina").get(f"/tickets/{number}")
    assert MARKUP in " ".join(shown.words())
    saved = site.browser("lina").get(str(shown.tree.cssselect("a[href^='/files/']")[0].get("href")))
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert saved.headers["Content-Type"] == "application/octet-stream"
