"""The HTML of a form: every control labelled, every id once, nothing of a person's text in the markup."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from lxml.html import HtmlElement

from engine.expressions import Message
from forms import Form
from tests.forms.build import component, form, post, values
from tests.forms.pages import markup, page, show

EVERYTHING = [
    {"type": "text", "text": "### Please\nfill in **all**, see [help](https://example.com)", "label": ""},
    component(
        "textfield", "name", description="As in the contract", validate={"required": True, "validationType": "email"}
    ),
    component(
        "textfield",
        "amount",
        appearance={"prefixAdorner": "¥", "suffixAdorner": "yuan"},
        layout={"row": "r", "columns": 10},
    ),
    component("number", "count", layout={"row": "r", "columns": 6}, decimalDigits=0, validate={"min": 0}),
    component("textarea", "note", readonly=True),
    component("datetime", "day", disallowPassedDates=True),
    component("datetime", "moment", subtype="datetime", timeInterval=15),
    component(
        "datetime",
        "both",
        subtype="datetime",
        dateLabel="Day",
        timeLabel="Time",
        timeInterval=15,
        validate={"required": True},
    ),
    component("checkbox", "sure", validate={"required": True}),
    component("radio", "kind", values=values("x", "y"), validate={"required": True}),
    component("radio", "long", values=values(*(f"a long option {number}" for number in range(9)))),
    component("select", "one", values=values("x", "y")),
    component("checklist", "some", values=values("x", "y"), validate={"required": True}, description="Several"),
    component("taglist", "tags", values=values(*(f"tag{number}" for number in range(30)))),
    component("filepicker", "files", multiple=True, accept=".png"),
    component("filepicker", "locked", readonly=True),
    {"type": "separator"},
    {"type": "spacer", "height": 40},
    component(
        "group",
        "device",
        components=[
            component("textfield", "model"),
            component("group", "", label="", components=[component("textfield", "os")]),
        ],
    ),
    component(
        "dynamiclist",
        "items",
        components=[
            component("textfield", "title", validate={"required": True}),
            component("radio", "state", values=values("x", "y")),
            component("dynamiclist", "parts", components=[component("textfield", "part")]),
        ],
        defaultRepetitions=2,
    ),
    component("dynamiclist", "fixed", components=[component("textfield", "title")], allowAddRemove=False),
    {"type": "expression", "key": "e", "expression": "=1"},
    component("textfield", "gone", conditional={"hide": True}),
]
FILE = {"id": "p1", "name": "<a>.png", "size": 5, "type": "image/png"}


def everything() -> Form:
    return form(*EVERYTHING)


def errors(read: Form) -> dict[str, Message]:
    keys = [
        *(f.key for f in read.inputs if f.key not in {"note", "locked", "gone", "e"}),
        "items",
        "items[0].title",
        "items[1].state",
        "fixed",
    ]
    return {key: Message("This is <wrong>") for key in keys}


@pytest.fixture(params=["plain", "wrong", "cards", "readonly", "quiet"])
def document(request: pytest.FixtureRequest) -> HtmlElement:
    read = everything()
    data: dict[str, Any] = {"files": [FILE], "locked": [FILE], "tags": ["tag3"], "note": "\nx", "sure": True}
    how: dict[str, dict[str, Any]] = {
        "plain": {},
        "wrong": {"errors": errors(read)},
        "cards": {"errors": errors(read)},
        "readonly": {"readonly": True},
        "quiet": {"lang": "en", "prefix": "other"},
    }
    views = show(read, {}, values_before=data, **how[request.param])
    return page(views, cards=request.param == "cards", live_url="" if request.param == "quiet" else "/live")


def controls(document: HtmlElement) -> list[HtmlElement]:
    return [control for control in document.xpath("//input|//select|//textarea") if control.get("type") != "hidden"]


def test_every_control_has_one_label(document: HtmlElement) -> None:
    labelled = [label.get("for") for label in document.xpath("//label[@for]")]
    for control in controls(document):
        wrapped = control.xpath("ancestor::label")
        assert labelled.count(control.get("id")) == 1 or wrapped, control.get("id")
    for label in document.xpath("//label"):
        assert label.text_content().strip()
        assert label.get("for") is None or document.get_element_by_id(label.get("for")).tag in {
            "input",
            "select",
            "textarea",
        }


def test_every_id_is_there_once_and_every_reference_leads_somewhere(document: HtmlElement) -> None:
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    for attribute in ("aria-describedby", "aria-labelledby"):
        for reference in document.xpath(f"//@{attribute}"):
            assert set(reference.split()) <= set(ids), reference
    for link in document.xpath("//a[starts-with(@href, '#')]/@href"):
        assert link[1:] in ids


def test_every_fieldset_has_a_legend_first_and_every_button_a_name(document: HtmlElement) -> None:
    for fieldset in document.xpath("//fieldset"):
        assert fieldset[0].tag == "legend"
        assert fieldset[0].text_content().strip()
    for button in document.xpath("//button"):
        assert button.get("aria-label") or button.text_content().strip()


def test_the_enter_key_sends_the_form() -> None:
    first, *others = page(show(everything(), values_before={"files": [FILE]})).xpath("//button")
    assert (first.get("name"), first.get("formaction"), first.get("tabindex")) == (None, None, "-1")
    assert {button.get("name") for button in others} == {"_add", "_remove", "_drop"}


def test_nothing_runs_and_nothing_is_styled_in_place(document: HtmlElement) -> None:
    assert document.xpath("//*[@style] | //script | //style") == []
    assert not [
        name for element in document.iter() for name in element.attrib if name.startswith(("on", "hx-on", "xmlns"))
    ]


class Balance(HTMLParser):
    """Complains of tags that are not closed in their order, and of attributes given twice."""

    VOID = frozenset({"input", "hr", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"use", "path"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("cards", [False, True])
@pytest.mark.parametrize("wrong", [False, True])
def test_tags_are_closed_in_their_order(cards: bool, wrong: bool) -> None:
    read = everything()
    parser = Balance()
    parser.feed(markup(show(read, {}, errors(read) if wrong else {}), cards=cards))
    parser.close()
    assert parser.open == []


@pytest.mark.parametrize(
    ("after", "texts"),
    [
        ([{"type": "separator"}], []),
        ([{"type": "expression", "key": "e", "expression": "=1"}], []),
        (
            [
                {"type": "separator"},
                {"type": "expression", "key": "e", "expression": "=1"},
                {"type": "spacer", "height": 20},
            ],
            [],
        ),
        ([{"type": "separator"}, component("textfield", "after"), {"type": "separator"}], ["After"]),
    ],
)
def test_no_card_holds_nothing_but_lines_and_what_is_worked_out(after: list[Any], texts: list[str]) -> None:
    group = component("group", "first", components=[component("textfield", "inside")])
    other = component("group", "second", components=[component("textfield", "more")])
    shown = page(show(form(group, *after, other), {}), cards=True)
    cards = [card for card in shown.cssselect("section.card") if not card.get("id")]
    assert [card.text_content().strip() for card in cards] == texts
    assert not shown.cssselect("hr")
    assert len(shown.cssselect("section.card")) == 2 + len(texts)


def test_a_control_says_that_it_is_needed_wrong_and_by_what_it_is_described() -> None:
    read = form(
        component("textfield", "a", description="hint", validate={"required": True}, appearance={"prefixAdorner": "¥"})
    )
    control = page(show(read, {}, {"a": Message("bad")})).get_element_by_id("f-a")
    assert control.get("aria-required") == "true"
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby") == "f-a-prefix f-a-hint f-a-error"
    assert "is-invalid" in control.classes
    calm = page(show(read)).get_element_by_id("f-a")
    assert calm.get("aria-invalid") is None


def test_the_summary_links_to_what_is_wrong() -> None:
    read = everything()
    document = page(show(read, {}, errors(read)))
    (summary,) = document.xpath("//*[@role='alert']")
    assert summary.get("tabindex") == "-1"
    hrefs = [link.get("href") for link in summary.xpath(".//a")]
    assert hrefs[0] == "#f-name"
    assert {"#f-kind-0", "#f-items-add", "#f-items-0-title", "#f-items-1-state-0", "#f-fixed"} <= set(hrefs)
    assert f"{len(hrefs)} entries" in summary.text_content()
    assert page(show(read)).xpath("//*[@role='alert']") == []


def test_text_of_people_is_never_markup() -> None:
    evil = "<script>alert(1)</script>\"'&"
    options = [{"label": evil, "value": evil}]
    read = form(
        component("textfield", "a", label=evil, description=evil),
        component("textarea", "b"),
        component("select", "c", values=options),
        component("radio", "d", values=options),
        {"type": "text", "text": "{{a}} <script>alert(2)</script> [x](javascript:alert(3)) {{b}}"},
        component("filepicker", "f", readonly=True),
    )
    linked = "[x](https://evil.example) ![y](https://evil.example/y.png) <img src=x>\n# z"
    data = {"a": evil, "b": linked, "c": evil, "d": evil, "f": [{**FILE, "name": evil}]}
    document = page(show(read, {}, {"a": Message("%(x)s", {"x": evil})}, values_before=data))
    (thumbnail,) = document.xpath("//img")
    assert (thumbnail.get("src"), thumbnail.get("alt")) == (f"/files.thumbnail/{FILE['id']}", evil)
    ours = "starts-with(@href, '#') or starts-with(@href, '/files.show/')"
    assert document.xpath(f"//script | //a[not({ours})]") == []
    assert document.get_element_by_id("f-a").get("value") == evil
    assert document.get_element_by_id("f-b").text == "\n" + linked


def test_what_can_only_be_read_is_text_to_read_and_no_control() -> None:
    read = form(
        component("textarea", "reply", label="Reply", description="As written", readonly=True),
        component("number", "price", readonly=True, appearance={"prefixAdorner": "¥"}),
        component("select", "outcome", values=values("x", "y"), readonly=True),
        component("checklist", "some", values=values("x", "y", "z"), readonly=True),
        component("radio", "kind", values=values("x"), readonly=True),
        component("checkbox", "sure", readonly=True),
        component("datetime", "moment", subtype="datetime", readonly=True),
        component("textfield", "empty", readonly=True),
    )
    long = "Open the settings.\n" * 40
    data = {"reply": long, "price": 5, "outcome": "y", "some": ["x", "z"], "moment": "2026-12-01T09:45", "sure": False}
    document = page(show(read, values_before=data))
    assert controls(document) == []
    said = [each.text_content() for each in document.cssselect(".gd-read")]
    assert said == [
        long.strip(),
        "¥ 5",
        "Y",
        "X, Z",
        "Nothing was entered",
        "No",
        "2026-12-01 09:45",
        "Nothing was entered",
    ]
    first = document.get_element_by_id("f-reply")
    assert document.get_element_by_id(first.get("aria-labelledby", "")).text_content() == "Reply"
    assert document.get_element_by_id(first.get("aria-describedby", "")).text_content() == "As written"
    assert first.get("role") == "group", "a name is told only of what has a role"


def test_an_error_of_what_can_only_be_read_is_led_to() -> None:
    read = form(component("radio", "kind", values=values("x"), readonly=True))
    document = page(show(read, {}, {"kind": Message("bad")}))
    (link,) = document.xpath("//*[@role='alert']//a/@href")
    assert document.get_element_by_id(link[1:]).get("tabindex") == "-1"


def test_a_text_s_first_line_feed_survives() -> None:
    assert ">\n\nx</textarea>" in markup(show(form(component("textarea", "a")), {"a": "\nx"}))


def test_live_forms_ask_and_others_do_not() -> None:
    read = everything()
    fields = page(show(read)).get_element_by_id("fields")
    assert fields.get("hx-post") == "/live"
    assert fields.get("hx-swap") == "outerMorph"
    for button in fields.xpath(".//button[@name]"):
        assert button.get("hx-post") == "/live"
        assert button.get("hx-target") == "#fields"
        assert button.get("formnovalidate") is not None
    assert page(show(read), live_url="").xpath("//@*[starts-with(name(), 'hx-')]") == []


def successful(document: HtmlElement) -> list[tuple[str, str]]:
    """The names and values that a browser would send."""
    pairs = []
    for control in document.xpath("//input|//select|//textarea"):
        if control.get("disabled") is not None or not control.get("name") or control.get("type") == "file":
            continue
        if control.tag == "select":
            pairs += [(control.get("name"), value) for value in control.xpath("option[@selected]/@value") or [""]]
        elif control.tag == "textarea":
            pairs.append((control.get("name"), (control.text or "").removeprefix("\n")))
        elif control.get("type") not in {"checkbox", "radio"} or control.get("checked") is not None:
            pairs.append((control.get("name"), control.get("value", "")))
    return pairs


def test_what_a_page_shows_is_read_back_as_it_was() -> None:
    read = everything()
    data = {
        "name": "a@b.cn",
        "amount": "5",
        "count": 3,
        "note": "kept",
        "day": "2026-12-01",
        "moment": "2026-12-01T09:45",
        "both": "2026-12-01T10:00",
        "sure": True,
        "kind": "y",
        "long": "a long option 3",
        "one": "x",
        "some": ["y", "x"],
        "tags": ["tag3", "tag29"],
        "files": [FILE],
        "locked": [FILE],
        "device": {"model": "P", "os": "H"},
        "items": [
            {"title": "t", "state": "y", "parts": [{"part": "a"}, {"part": "b"}]},
            {"title": "u", "state": None, "parts": []},
        ],
        "fixed": [{"title": "z"}],
        "e": 1,
    }
    submission = post(read, *successful(page(show(read, values_before=data))), before=data)
    assert submission.errors == {}
    assert submission.values == {**data, "some": ["x", "y"]}
    again = post(read, *successful(page(show(read, submission.entered))), before=data)
    assert again.values == submission.values


def test_nothing_chosen_is_told_from_not_on_the_page() -> None:
    read = form(
        component("checkbox", "show"),
        component("checkbox", "a", defaultValue=True, conditional={"hide": "= not(show)"}),
        component("checklist", "b", values=values("x"), defaultValue=["x"], conditional={"hide": "= not(show)"}),
    )
    first = post(read, *successful(page(show(read))), ("show", "true"))
    assert first.values == {"show": True, "a": True, "b": ["x"]}
    shown = successful(page(show(read, first.entered)))
    unticked = [(name, value) for name, value in shown if not value or name == "show"]
    assert post(read, *unticked).values == {"show": True, "a": False, "b": []}
