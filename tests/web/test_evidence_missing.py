"""What a step still lacks: who must confirm it is said from the beginning, and all that is missing at once."""

from __future__ import annotations

import pytest

from tests.tickets.evidence.scene import Scene, field, photos
from tests.tickets.evidence.shots import photo
from tests.web.site import Site
from tests.web.test_evidence import upload


@pytest.fixture
def scene(site: Site) -> Scene:
    return Scene(site.play)


def test_who_still_must_confirm_is_said_from_the_beginning(site: Site, scene: Scene) -> None:
    scene.define(photos(min="2"), evidence="photo:2 confirmation")
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    lina = site.browser("lina")
    lina.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = f"/tickets/{scene.play.ticket().number}"
    (said,) = lina.get(address).words("#task [data-unconfirmed]")
    assert said == "Still to be confirmed by 1 other person Nobody has been asked yet Ask for a confirmation"
    form = lina.get(f"{site.task('prepare')}/do/ask_confirmation")
    assert "Who only files tickets, such as most teachers" in form.words("#pick-to-hint")[0]
    assert "Nobody found who works on tickets" in lina.get("/people/suggestions?for=work&q=zhoulan").text
    refused = lina.post(f"{site.task('prepare')}/confirmation-requests", {"to": "zhoulan"})
    assert "Nobody called “zhoulan” can be chosen here" in refused.text
    lina.post(f"{site.task('prepare')}/confirmation-requests", {"to": "wanglei"})
    assert "Asked: 王磊" in lina.get(address).words("#task [data-unconfirmed]")[0]
    site.browser("wanglei").post(f"{site.task('prepare')}/confirmations", {"note": "在场"})
    assert lina.get(address).words("#task [data-unconfirmed]") == []


def test_whoever_is_asked_to_confirm_reads_that_it_is_they(site: Site, scene: Scene) -> None:
    scene.define(photos(min="2"), evidence="photo:2 confirmation")
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    lina, wanglei = (site.browser(login, language="en") for login in ("lina", "wanglei"))
    address, task = f"/tickets/{scene.play.ticket().number}", site.task("prepare")
    lina.post(f"{task}/confirmation-requests", {"to": "wanglei"})
    asked = wanglei.get(address)
    assert asked.words(".gd-share .gd-grow")[0].startswith("李娜 asks you to confirm that it was done")
    assert "Asked: you" in asked.words("[data-unconfirmed]")[0]
    assert "王磊" not in " ".join(asked.words(".gd-share, [data-needs]"))
    wanglei.post(f"{task}/confirmations", {"note": "在场"})
    said = wanglei.get(address)
    assert said.words("[data-needs] p")[1].startswith("You confirmed it")
    assert "王磊" not in " ".join(said.words(".gd-share, [data-needs]"))
    assert "王磊 confirmed it" in " ".join(lina.get(address).words("#task [data-needs] p"))


def test_all_that_is_missing_is_said_at_once(site: Site, scene: Scene) -> None:
    scene.define(
        photos(min="2"),
        {**field("textfield", "note"), "validate": {"required": True}},
        {**field("dynamiclist", "here", evidence="signin"), "path": "here", "components": [field("textfield", "who")]},
        evidence="photo:2 signin confirmation",
    )
    scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    lina = site.browser("lina")
    lina.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    stored = lina.post("/files", {"file": upload(photo())}).response.get_json()
    answer = lina.post(f"{site.task('prepare')}/complete", {"board:kept": stored["id"]})
    assert answer.status == 422
    fields = [link.get("href", "")[1:] for link in answer.tree.cssselect("[data-error-summary] a")]
    assert len(fields) == 3, "photos, the note and who signed in"
    assert all(answer.tree.get_element_by_id(each) is not None for each in fields)
    (confirmation,) = answer.tree.cssselect("[data-refused] a")
    assert answer.tree.get_element_by_id(confirmation.get("href", "")[1:]).cssselect("[data-unconfirmed]")
    assert "2 needed, 1 so far" in " ".join(answer.words(".gd-err"))


def test_what_was_refused_is_found_again_with_its_photos(site: Site, scene: Scene) -> None:
    scene.define(photos(min="2"), field("textfield", "note"), evidence="photo:2")
    number = scene.play.file("zhoulan", "proof")
    scene.play.claim("lina", "prepare")
    lina, task = site.browser("lina"), site.task("prepare")
    stored = lina.post("/files", {"file": upload(photo())}).response.get_json()
    refused = lina.post(f"{task}/complete", {"board:kept": stored["id"], "note": "黑板还没擦"})
    assert refused.status == 422
    address = refused.value("#task form[data-address]", "data-address")
    assert address.startswith(f"/tickets/{number}")
    again = lina.get(address)
    assert again.value("[name=note]") == "黑板还没擦"
    assert [each.get("value") for each in again.tree.cssselect("[name='board:kept']")] == [stored["id"]]
