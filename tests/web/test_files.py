"""Files leave to be saved, to those who may have them, whatever they claim to be; only pictures open."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.engine.build import chain, end, start
from tests.tickets.play import staff
from tests.web.site import CRASH, Site


@pytest.fixture(autouse=True)
def shipped(site: Site) -> None:
    site.play.ship("crash_report")


def upload(site: Site, content: bytes, name: str) -> str:
    """The address of a file that zhoulan attached to a form which was then refused."""
    refused = site.browser("zhoulan").post(
        "/tickets", {"type": "crash_report", "attachments": (io.BytesIO(content), name)}
    )
    return "/files/" + refused.value("[name='attachments:kept']")


def picture(kind: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (6, 4), (200, 60, 60)).save(kept, kind)
    return kept.getvalue()


def test_a_page_in_disguise_is_only_saved(site: Site) -> None:
    path = upload(site, b"<html><script>alert(1)</script>", '课堂/退出 "1".html')
    answer = site.browser("zhoulan").get(path)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "html" not in answer.headers["Content-Type"]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_a_picture_opens_and_nothing_in_it_runs(site: Site, kind: str) -> None:
    path = upload(site, picture(kind), f"白板.{kind}")
    answer = site.browser("zhoulan").get(path)
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["Content-Type"] == f"image/{kind}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert answer.content == picture(kind)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
        b"BM" + b"\0" * 60,
    ],
)
def test_what_only_calls_itself_a_picture_is_saved(site: Site, content: bytes) -> None:
    answer = site.browser("zhoulan").get(upload(site, content, "白板.png"))
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_the_bytes_are_those_that_were_sent(site: Site) -> None:
    content = bytes(range(256)) * 40
    path = upload(site, content, "log.bin")
    answer = site.browser("zhoulan").get(path)
    assert answer.content == content
    assert site.browser("zhoulan").get(path, If_None_Match=answer.headers["ETag"]).status == 304


def test_before_a_ticket_has_it_only_its_uploader_gets_it(site: Site) -> None:
    path = upload(site, b"draft", "draft.txt")
    assert site.browser("admin").get(path).status == 404
    assert site.browser("sunyue").get(path).status == 404
    assert site.anonymous().get(path).location.startswith("/login")


def test_then_those_get_it_who_see_the_ticket(site: Site) -> None:
    path = upload(site, b"log", "log.txt")
    site.file_crash(**{**CRASH, "attachments:kept": path.removeprefix("/files/")})
    for login, status in (("lina", 200), ("zhaomin", 200), ("sunyue", 404), ("huangyi", 404), ("wanglei", 404)):
        assert site.browser(login).get(path).status == status, login


def test_a_file_that_is_too_large_is_refused_by_its_field(site: Site) -> None:
    small = site.cast.runtime.max_file_bytes
    object.__setattr__(site.cast.runtime, "max_file_bytes", 1000)
    try:
        answer = site.browser("zhoulan").post(
            "/tickets", {"type": "crash_report", **CRASH, "attachments": (io.BytesIO(b"x" * 2000), "big.bin")}
        )
    finally:
        object.__setattr__(site.cast.runtime, "max_file_bytes", small)
    assert answer.status == 422
    assert answer.words(".gd-wrong a") == ["截图、录屏或日志"]


def test_bytes_that_are_gone_are_said_to_be(site: Site) -> None:
    path = upload(site, b"soon gone", "100%.txt")
    for kept in (site.cast.runtime.files_folder / "sha256").rglob("*"):
        if kept.is_file() and not kept.name.startswith("."):
            kept.unlink()
    answer = site.browser("zhoulan").get(path)
    assert answer.status == 404
    assert "找不到这个文件" in answer.text


def test_a_field_of_files_that_is_only_read_names_each_and_leads_to_it(site: Site) -> None:
    field = {"type": "filepicker", "key": "papers", "label": "材料", "multiple": True}
    begin, look = start(camunda__formRef="ask"), staff("look", camunda__formRef="look")
    forms = {"ask": [field], "look": [{**field, "readonly": True}]}
    site.play.define(begin, look, end(), chain("begin", "look", "done"), forms=forms)
    names = ["合同.pdf", "退费单.pdf", "身份证明.pdf"]
    papers = [(io.BytesIO(name.encode()), name) for name in names]
    filed = site.browser("zhoulan").post("/tickets?type=errand", {"papers": papers})
    lina = site.browser("lina")
    page = lina.get(filed.location)
    assert page.words("#task [data-attached] a") == names
    links = [link.get("href") or "" for link in page.tree.cssselect("#task [data-attached] a")]
    assert [lina.get(link).content.decode() for link in links] == names
    assert site.browser("sunyue").get(links[0]).status == 404
