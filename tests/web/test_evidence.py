"""Evidence on pages and in the API: what a form shows, sends and gets back; thumbnails and who sees originals."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.api.caller import Api
from tests.tickets.evidence.scene import Scene, field, photos
from tests.tickets.evidence.shots import photo
from tests.web.site import Site


@pytest.fixture
def scene(site: Site) -> Scene:
    return Scene(site.play)


@pytest.fixture
def begun(scene: Scene) -> Scene:
    scene.define(
        photos(min="2", after="opened"),
        field("textfield", "here", evidence="location"),
        field("textfield", "note"),
        evidence="photo:2 confirmation",
    )
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    return scene


def upload(content: bytes, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_the_page_says_what_the_step_needs(site: Site, begun: Scene) -> None:
    page = site.browser("lina").get(f"/tickets/{begun.play.ticket().number}")
    assert page.value("[data-photos] input[type=file]", "capture") == "environment"
    assert page.value("[data-photos] input[type=file]", "accept") == "image/jpeg,image/png,image/webp"
    assert len(page.tree.cssselect("[data-location] [data-measured]")) == 1
    needs = " ".join(page.words("[data-needs]"))
    assert "× 2" in needs
    assert page.words("#task .required") == ["board"]


def test_evidence_of_which_there_is_a_least_number_is_marked_as_required(site: Site, scene: Scene) -> None:
    signed = {**field("dynamiclist", "", evidence="signin", min="1"), "path": "signed", "label": "签到"}
    signed["components"] = [field("textfield", "name")]
    here = field("textfield", "here", evidence="location", min="1")
    scene.define(photos(min="2"), signed, here, photos("more"), evidence="photo:2 signin")
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    page = site.browser("lina").get(f"/tickets/{scene.play.ticket().number}")
    assert page.words("#task .required") == ["board", "签到", "here"]
    assert page.value("#task [name=board][type=file]", "aria-required") == "true"
    assert not page.tree.cssselect("#task [name=here][aria-required]"), "it may be measured instead"


def test_a_photo_is_sent_at_once_and_shown_small(site: Site, begun: Scene) -> None:
    lina = site.browser("lina")
    sent = lina.post("/files", {"file": upload(photo(size=(1200, 900), gps=True))})
    assert sent.status == 201
    stored = sent.response.get_json()
    small = lina.get(stored["thumbnail"])
    assert (small.status, small.headers["Content-Type"]) == (200, "image/webp")
    assert small.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in small.headers["Content-Security-Policy"]
    assert b"SECRET-CAMERA" not in small.content
    assert lina.get(stored["thumbnail"], If_None_Match=small.headers["ETag"]).status == 304
    assert site.browser("zhangwei").get(stored["thumbnail"]).status == 404


def test_what_is_refused_keeps_the_photos_sent_before(site: Site, begun: Scene) -> None:
    lina = site.browser("lina")
    stored = lina.post("/files", {"file": upload(photo())}).response.get_json()
    answer = lina.post(f"{site.task('prepare')}/complete", {"board:kept": stored["id"], "note": "还差一张"})
    assert answer.status == 422
    assert any("2" in words and "1" in words for words in answer.words(".gd-err"))
    assert answer.value("[name='board:kept']") == stored["id"]
    assert answer.value("[name=note]") == "还差一张"
    assert len(answer.tree.cssselect("[data-attached] img")) == 1


def test_a_missing_confirmation_is_said_with_everything_kept(site: Site, begun: Scene) -> None:
    lina = site.browser("lina")
    ids = [lina.post("/files", {"file": upload(photo())}).response.get_json()["id"] for _ in range(2)]
    answer = lina.post(f"{site.task('prepare')}/complete", {"board:kept": ids, "note": "好了"})
    assert answer.status == 422
    assert any("1" in toast for toast in answer.words("[data-refused]"))
    assert str(answer.value("[data-needs] a", "href")).endswith("/do/ask_confirmation")
    assert [each.get("value") for each in answer.tree.cssselect("[name='board:kept']")] == ids
    confirmed = site.browser("zhangwei").post(f"{site.task('prepare')}/confirmations", {"note": "在场"})
    assert confirmed.status == 303
    assert "在场" in " ".join(lina.get(f"/tickets/{begun.play.ticket().number}").words("[data-needs]"))
    assert lina.post(f"{site.task('prepare')}/complete", {"board:kept": ids}).status == 303


def test_others_see_the_photo_small_and_are_told_who_sees_it_whole(site: Site, scene: Scene) -> None:
    scene.define(photos(), evidence="photo")
    number = scene.play.file("zhoulan", "proof")
    shot = scene.shot()
    scene.complete(board=[shot])
    lead = site.browser("zhangwei")
    page = lead.get(f"/tickets/{number}")
    assert f"/files/{shot}/thumbnail" in page.text
    assert lead.get(f"/files/{shot}/thumbnail").status == 200
    assert lead.get(f"/files/{shot}").status == 403
    assert site.browser("chenxiao").get(f"/files/{shot}").status == 200
    assert site.browser("zhoulan").get(f"/files/{shot}/thumbnail").status == 404


def test_a_closed_ticket_s_missing_steps_are_said_before(site: Site, begun: Scene) -> None:
    page = site.browser("zhoulan").get(f"/tickets/{begun.play.ticket().number}/do/withdraw")
    assert "prepare" in " ".join(page.words(".gd-note"))


def test_pages_may_ask_where_one_is_and_nobody_else_may(site: Site) -> None:
    assert "geolocation=(self)" in site.browser("lina").get("/").headers["Permissions-Policy"]


@pytest.mark.parametrize("sent", [{}, {"file": "text"}, {"file": (io.BytesIO(b""), "a.jpg")}])
def test_a_file_that_is_none_is_refused_with_words(site: Site, sent: dict[str, Any]) -> None:
    answer = site.browser("lina").post("/files", sent)
    assert answer.status == 422
    assert answer.response.get_json()["error"]


def test_a_broken_picture_has_no_thumbnail(site: Site) -> None:
    lina = site.browser("lina")
    stored = lina.post("/files", {"file": upload(b"\xff\xd8\xff\xe0" + b"\0" * 99)}).response.get_json()
    assert lina.get(stored["thumbnail"]).status == 404


def test_the_api_takes_files_confirms_and_refuses(scene: Scene, tmp_path: Path) -> None:
    api = Api(scene.play.cast, tmp_path)
    scene.define(photos(), evidence="photo confirmation")
    scene.play.file("zhoulan", "proof")
    task = scene.play.task("prepare").public_id
    body = {"file": (io.BytesIO(photo()), "a.jpg")}
    kept = api.post("lina", "/files", data=body, content_type="multipart/form-data")
    assert kept.status_code == 201, kept.text
    assert api.post("lina", "/files", data={}, content_type="multipart/form-data").status_code == 422
    done = {"values": {"board": [kept.json["id"]]}}
    refused = api.post("lina", f"/tasks/{task}/complete", done)
    assert refused.status_code == 422
    assert "Confirmations by others: 1 needed" in refused.text
    assert api.post("huangyi", f"/tasks/{task}/confirmations", {}).status_code == 404
    assert api.post("zhangwei", f"/tasks/{task}/confirmations", {"note": "x" * 501}).status_code == 422
    assert api.post("zhangwei", f"/tasks/{task}/confirmations", {"note": "在场"}).status_code == 200
    assert api.post("lina", f"/tasks/{task}/confirmation-requests", {"to": ["lina"]}).status_code in (403, 422)
    assert api.post("lina", f"/tasks/{task}/complete", done).status_code == 200


def test_a_sign_in_list_is_a_table_to_fill_in_and_to_read(site: Site, scene: Scene) -> None:
    signed = {**field("dynamiclist", "", evidence="signin"), "path": "signed", "label": "签到"}
    signed["components"] = [field("textfield", "name"), field("checkbox", "there")]
    scene.define(signed, evidence="signin")
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    lina, address = site.browser("lina"), f"/tickets/{scene.play.ticket().number}"
    page = lina.get(address)
    assert len(page.tree.cssselect("table.gd-sign thead th")) == 2
    assert page.tree.cssselect("table.gd-sign tbody tr input[type=checkbox]")
    rows: dict[str, Any] = {"signed": ["0", "1"]}
    rows |= {"signed[0].name": "张三", "signed[0].there": "true", "signed[1].name": "李四", "signed[1].there": ""}
    assert lina.post(f"{site.task('prepare')}/complete", rows).status == 303
    read = lina.get(address)
    assert read.words("#answers-1 .gd-signed tbody td.main") == ["张三", "李四"]
    assert len(read.tree.cssselect("#answers-1 .gd-signed .t-green")) == 1
    assert len(read.tree.cssselect("#answers-1 .gd-signed .t-grey")) == 1
    assert "1" in read.words("#answers-1 dt.full .gd-sub")[0]
