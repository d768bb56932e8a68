"""Files that are no ticket type: page and API refuse each with a remedy, in both languages, and keep nothing of it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from engine.models import Deployment, ProcessDefinition
from tests.engine.build import chain, end, flow, start, timer, times, xor
from tests.engine.build import script as scripted
from tests.tickets.play import files, staff
from tests.web.site import Page, Site
from tickets.people import Person
from tickets.tokens import issue_token

GOOD = files(start(), staff("look"), end(), chain("begin", "look", "done"))["errand.bpmn"]
NAMED = GOOD.decode().replace("<userTask ", '<userTask name="查看设备" ').replace("UTF-8", "GBK")


def changed(old: str, new: str) -> bytes:
    assert old in GOOD.decode()
    return GOOD.decode().replace(old, new, 1).encode()


def deciding(condition: str) -> bytes:
    parts = (start(), xor("x", "x-b"), staff("a"), staff("b"), chain("begin", "x"))
    return files(*parts, flow("x", "a", condition), flow("x", "b"))["errand.bpmn"]


def with_script(text: str) -> bytes:
    return files(start(), scripted("s", text), staff("a"), chain("begin", "s", "a"))["errand.bpmn"]


REFUSED: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "spaces": (b" \r\n\t", "empty"),
    "no XML": (b"hello", "not-xml"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "encoding"),
    "unclosed": (b"<definitions>", "not-xml"),
    "NUL within": (changed("look", "lo\0ok"), "not-xml"),
    "other XML": (b"<a/>", "not-bpmn"),
    "a DTD": (b'<?xml version="1.0"?><!DOCTYPE definitions><definitions/>', "dtd"),
    "a DTD in UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "dtd"),
    "an outside entity": (
        changed("<definitions", '<!DOCTYPE definitions [<!ENTITY a SYSTEM "file:///etc/passwd">]><definitions'),
        "dtd",
    ),
    "a bomb of entities": (b'<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>', "dtd"),
    "an unknown encoding": (changed("UTF-8", "UTF-7"), "encoding"),
    "another encoding than it says": (NAMED.replace("GBK", "UTF-8").encode("gbk"), "encoding"),
    "a duplicate id": (changed('id="done"', 'id="look"'), "duplicate-id"),
    "a dangling flow": (changed('targetRef="done"', 'targetRef="nowhere"'), "dangling-flow"),
    "a flow to what has no id": (changed(' id="look"', ""), "dangling-flow"),
    "an id that leads up": (GOOD.replace(b"errand", b".."), "bad-id"),
    "an id with markup": (GOOD.replace(b"errand", b"&lt;b&gt;"), "bad-id"),
    "a very long id": (GOOD.replace(b"errand", b"e" * 300), "bad-id"),
    "a name of a million characters": (changed('id="look"', f'id="look" name="{"x" * 1_000_000}"'), "long-value"),
    "nothing to begin with": (files(xor("x"), staff("a"), chain("x", "a", "x"))["errand.bpmn"], "no-start"),
    "far too deep": (b"<a>" * 10_000 + b"</a>" * 10_000, "too-deep"),
    "too large": (GOOD + b" " * (5 * 1024 * 1024), "too-large"),
    "an unknown function": (deciding("open('/etc/passwd')"), "expression"),
    "an import": (deciding("__import__('os')"), "expression"),
    "an attribute of the interpreter": (deciding("().__class__"), "expression"),
    "half an expression": (deciding("amount >"), "expression"),
    "Java": (deciding("${T(java.lang.Runtime)}"), "expression"),
    "a script that imports": (with_script("import os"), "expression"),
    "a script that defines": (with_script("def f(): return f()"), "expression"),
    "a very long script": (with_script("x = 1\n" * 5000), "expression"),
    "a time that is none": (
        files(start(inner=timer("every", "now and then")), staff("look"), chain("begin", "look"))["errand.bpmn"],
        "timer",
    ),
}


def api(site: Site, language: str, content: bytes, name: str = "errand.bpmn") -> Page:
    with site.cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, site.cast.people["hejing"])
        token = issue_token(session, person, "tests", now=site.cast.clock.now())
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
    boundary, body = encode_multipart(MultiDict([("files", FileStorage(BytesIO(content), name))]))
    given = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
    return Page(site.app.test_client().post("/api/v1/definitions", headers=headers, buffered=True, **given))


def page(site: Site, language: str, content: bytes) -> Page:
    browser = site.browser("hejing")
    browser.post("/preferences", {"language": language})
    return browser.post("/types", {"files": (BytesIO(content), "errand.bpmn")})


def kept(site: Site) -> int:
    with site.cast.runtime.reading() as session:
        return sum(
            session.scalars(sa.select(sa.func.count()).select_from(m)).one() for m in (Deployment, ProcessDefinition)
        )


def test_what_is_no_ticket_type_is_refused_with_a_remedy_and_leaves_nothing(site: Site) -> None:
    for what, (content, code) in REFUSED.items():
        answer = api(site, "en", content)
        assert answer.status == 422, (what, answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json", what
        problems = answer.response.get_json(force=True)["problems"]
        assert code in {problem["code"] for problem in problems}, (what, problems)
        assert all(problem["remedy"] and problem["problem"] for problem in problems), what
    assert kept(site) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_and_api_say_it_in_the_readers_language(site: Site, language: str) -> None:
    for what in ("empty", "no XML", "a DTD", "a duplicate id", "a dangling flow", "half an expression"):
        content, code = REFUSED[what]
        problem = next(
            p for p in api(site, language, content).response.get_json(force=True)["problems"] if p["code"] == code
        )
        shown = page(site, language, content)
        assert shown.status == 422, what
        assert " ".join(problem["remedy"].split()) in " ".join(shown.words()), what
        assert bool(re.search("[一-鿿]", problem["problem"] + problem["remedy"])) == (language == "zh"), problem
    assert kept(site) == 0


def test_twenty_megabytes_are_refused_whole(site: Site) -> None:
    answer = api(site, "en", GOOD + b" " * (20 * 1024 * 1024))
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert kept(site) == 0


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312", "utf-16", "utf-8"])
def test_chinese_names_are_intact_in_any_declared_encoding(site: Site, encoding: str) -> None:
    content = NAMED.replace("GBK", encoding.upper()).encode(encoding)
    assert api(site, "en", content).status == 201
    number = site.play.file("zhoulan")
    assert "查看设备" in site.browser("lina").get(f"/tickets/{number}").text
    drawn = site.browser("lina").get(f"/tickets/{number}/diagram.bpmn")
    assert "查看设备" in drawn.content.decode("utf-8")


def packed(*entries: tuple[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


ARCHIVES = {
    "a slip": (packed(("../../errand.bpmn", GOOD)), 422),
    "a root": (packed(("/etc/errand.bpmn", GOOD)), 422),
    "a drive": (packed(("C:\\errand.bpmn", GOOD)), 422),
    "a bomb": (packed(("errand.bpmn", bytes(10 * 1024 * 1024))), 413),
    "very many": (packed(*((f"{number}.bpmn", b"") for number in range(1100))), 413),
    "junk": (b"PK\x03\x04junk", 422),
    "an archive within": (packed(("a.zip", packed(("errand.bpmn", GOOD)))), 422),
}


def test_no_archive_leaves_its_place_or_grows_without_end(site: Site) -> None:
    for what, (content, status) in ARCHIVES.items():
        answer = api(site, "en", content, "errand.zip")
        assert answer.status == status, (what, answer.text)
    assert kept(site) == 0


def test_a_step_that_takes_too_long_is_cut_off_and_said_so(site: Site) -> None:
    endless = {
        "a loop": with_script("while True: pass"),
        "much data": with_script("x = [0] * 10 ** 9"),
        "a large number": with_script("x = 10 ** 10 ** 10"),
        "a long text": with_script("x = 'a'\nfor i in range(100): x = x + x"),
        "deep data": with_script("x = []\nfor i in range(300): x = [x]"),
        "a condition": deciding("[i for i in range(10 ** 9)] == 1"),
        "very many rounds": files(start(), staff("a", times("1001")), chain("begin", "a"))["errand.bpmn"],
        "a loop without a task": files(start(), xor("x"), xor("y"), chain("begin", "x", "y", "x"))["errand.bpmn"],
    }
    for what, content in endless.items():
        made = api(site, "en", content)
        if made.status == 422:  # it was seen at once
            continue
        assert made.status == 201, what
        answer = site.browser("zhoulan").post("/tickets", {"type": "errand"})
        assert answer.status == 422, (what, answer.text)
        assert site.play.tickets() == [], what
