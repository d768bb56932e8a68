"""What has to be filled in is marked so at its label, in every form and dialog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import web
from tests.web.site import Site

TEMPLATES = Path(str(web.__file__)).parent / "templates"
OWN_MARKS = ("form/", "login.html")
"""A process's forms mark their fields themselves; who signs in knows what is needed."""
TAG = r"<{}\b(?:[^<>{{]|{{{{.*?}}}}|{{%.*?%}})*>"
CONTROL, LABEL = (re.compile(TAG.format(name), re.DOTALL) for name in ("(?:input|select|textarea)", "label"))
QUOTED = re.compile(r'"[^"]*"')


def unmarked(text: str) -> Iterator[str]:
    """The labels of a template whose field is required while they don't say so."""
    labels = {each[0]: found[1] for each in LABEL.finditer(text) if (found := re.search(r'for="([^"]*)"', each[0]))}
    for control in CONTROL.finditer(text):
        own = re.search(r'\bid="([^"]*)"', control[0])
        if own is None or not re.search(r"\brequired\b", QUOTED.sub("", control[0])):
            continue
        said = [label for label, of in labels.items() if of == own[1] and 'class="form-label' in label]
        yield from (label for label in said if "required" not in label)


@pytest.mark.parametrize(
    "path", sorted(str(each.relative_to(TEMPLATES)) for each in TEMPLATES.rglob("*.html")), ids=lambda path: path
)
def test_a_required_field_is_marked_at_its_label(path: str) -> None:
    if not path.startswith(OWN_MARKS):
        assert list(unmarked((TEMPLATES / path).read_text(encoding="utf-8"))) == []


def test_a_mark_that_is_missing_is_found() -> None:
    text = '<label class="form-label" for="why">{{ _("Why") }}</label><textarea id="why" name="why" required>'
    assert len(list(unmarked(text))) == 1
    assert list(unmarked(text.replace("form-label", "form-label required"))) == []


def overmarked(text: str) -> Iterator[str]:
    """The labels of a template that are marked while their text field may stay empty."""
    controls = {own[1]: each[0] for each in CONTROL.finditer(text) if (own := re.search(r'\bid="([^"]*)"', each[0]))}
    for label in LABEL.finditer(text):
        of = re.search(r'for="([^"]*)"', label[0])
        control = controls.get(of[1], "<select") if of else "<select"
        marked = 'class="form-label required"' in label[0]
        if marked and not control.startswith("<select") and not re.search(r"\brequired\b", QUOTED.sub("", control)):
            yield label[0]


@pytest.mark.parametrize(
    "path", sorted(str(each.relative_to(TEMPLATES)) for each in TEMPLATES.rglob("*.html")), ids=lambda path: path
)
def test_a_field_that_may_stay_empty_is_not_marked(path: str) -> None:
    assert list(overmarked((TEMPLATES / path).read_text(encoding="utf-8"))) == []


def test_a_mark_too_many_is_found() -> None:
    text = '<label class="form-label required" for="why">{{ _("Why") }}</label><textarea id="why" name="required">'
    assert len(list(overmarked(text))) == 1
    assert list(overmarked(text.replace('"required"', '"why" required'))) == []


def test_a_new_calendar_says_once_that_it_needs_a_name_in_one_language(site: Site) -> None:
    page = site.browser("chenxiao", language="en").get("/service/calendars/new")
    assert (page.words("legend.required"), page.words("label.required")) == (["Name"], ["Belongs to"])
    assert page.words("fieldset[aria-describedby=names-hint] label") == ["Name in Chinese", "Name in English"]
    assert page.words("#names-hint") == ["A name in one of the languages is enough."]
    nameless = {"zh": "", "en": "", "holidays": "", "owner": page.value("#owner option", "value")}
    assert site.browser("chenxiao", language="en").post("/service/calendars", nameless).status == 422


def test_a_canned_reply_says_once_that_it_needs_a_text_in_one_language(site: Site) -> None:
    lina = site.browser("lina", language="en")
    page = lina.get("/replies/new")
    assert (page.words("legend.required"), page.words("label.required")) == (["Text"], ["Title"])
    assert page.words("fieldset[aria-describedby=one-text] label") == ["Text in Chinese", "Text in English"]
    assert page.words("#one-text") == ["A text in one of the languages is enough."]
    assert lina.post("/replies", {"title": "Thanks", "body_zh": "", "body_en": "Thank you"}).status == 303
    assert lina.post("/replies", {"title": "Thanks", "body_zh": "", "body_en": ""}).status == 422


def test_a_role_needs_a_name_in_both_languages_and_says_so(site: Site) -> None:
    page = site.browser("admin", language="en").get("/system/roles/new")
    assert {"Chinese name", "English name"} <= set(page.words("label.required"))
    assert {"name_zh", "name_en"} <= {each.get("name") for each in page.tree.cssselect("input[required]")}
