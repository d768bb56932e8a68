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


def test_a_new_calendar_says_what_it_needs(site: Site) -> None:
    page = site.browser("chenxiao", language="en").get("/service/calendars/new")
    assert page.words("label.required") == ["Name in Chinese", "Name in English", "Belongs to"]
    assert "A name in one of the languages is enough." in page.words("#names-hint")
    nameless = {"zh": "", "en": "", "holidays": "", "owner": page.value("#owner option", "value")}
    assert site.browser("chenxiao", language="en").post("/service/calendars", nameless).status == 422
