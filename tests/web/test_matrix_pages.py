"""The matrix's pages: what is shown to whom, every cell a way to its list, files that say what the page says."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import lxml.html
import pytest
from openpyxl import load_workbook

from tests.cast import Cast
from tests.tickets.desk import MORNING, open_desk
from tests.tickets.standards.ledger import Ledger, keep_ledger
from tests.tickets.statements import counted
from tests.web.site import Page, Site, Visitor
from tickets.places import Place
from tickets.staff import NewPerson, add_person, grant_role
from tickets.standards.matrix.states import WORDS
from tickets.subjects import Subject

QUARTER = "period=2026-Q4"


@pytest.fixture
def ledger(cast: Cast) -> Ledger:
    return keep_ledger(open_desk(cast), 5)


def address(ledger: Ledger, what: str = "matrix", standard: str = "group", query: str = QUARTER) -> str:
    return f"/standards/{ledger.standards[standard]}/{what}?{query}"


def table(page: Page, part: str = "tbody") -> dict[str, list[str]]:
    """Each row's cells by its head."""
    rows = page.tree.cssselect(f".gd-mx {part} tr")
    return {
        row.cssselect("th a, th")[0].text_content().strip(): [cell.text_content() for cell in row.cssselect("td")]
        for row in rows
    }


def test_headquarters_starts_with_brands_and_goes_down_to_a_campus_and_a_class(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    brands = browser.get(address(ledger))
    assert brands.status == 200
    assert set(table(brands)) == {"青禾英语", "木棉科学"}
    campuses = browser.get(brands.value("tbody th a[href]", "href"))
    assert campuses.words("tbody th")[0] in {"深圳南山校区", "广州天河校区", "成都高新校区"}
    classes = browser.get(campuses.value("tbody th a[href]", "href"))
    assert classes.words("tbody th small.gd-no")[0].startswith("K-")
    one = browser.get(classes.value("tbody th a[href]", "href"))
    assert set(table(one)) <= {"2026-09", "2026-10", "2026-11"}


def test_every_campus_can_be_listed_at_once(site: Site, ledger: Ledger) -> None:
    page = site.browser("chenxiao").get(address(ledger, query=f"{QUARTER}&by=campus"))
    assert set(table(page)) == {"深圳南山校区", "广州天河校区", "成都高新校区"}


def test_one_row_is_not_called_rows(site: Site, ledger: Ledger) -> None:
    zhaomin = site.browser("zhaomin")
    zhaomin.post("/preferences", {"language": "en"})
    assert "2 rows, Oct 2026" in zhaomin.get("/standards/matrix?period=2026-10").words(".gd-grow")
    classes = zhaomin.get(address(ledger, query="period=2026-10"))
    one = zhaomin.get(classes.value("tbody th a[href]", "href"))
    assert "1 row, Oct 2026" in one.words(".gd-grow")


def test_a_cell_leads_to_the_list_of_what_it_counts(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    for query in (QUARTER, f"{QUARTER}&by=campus", f"{QUARTER}&as_of=2026-11-02", f"{QUARTER}&state=overdue"):
        page = browser.get(address(ledger, query=query))
        for cell in page.tree.cssselect(".gd-mx td a")[:9]:
            assert leads_to_as_many(browser, cell), (query, cell.text_content())


def test_a_total_leads_to_the_list_of_what_its_rows_count_at_every_depth(site: Site, ledger: Ledger) -> None:
    for login in ("chenxiao", "zhaomin"):
        browser = site.browser(login)
        page, depths = browser.get(address(ledger)), 1
        while True:
            for cell in page.tree.cssselect(".gd-mx tfoot td a"):
                assert leads_to_as_many(browser, cell), (login, depths, cell.get("href"))
            if not (further := page.tree.cssselect(".gd-mx tbody th a[href]")):
                break
            page, depths = browser.get(str(further[0].get("href"))), depths + 1
        assert depths == {"chenxiao": 4, "zhaomin": 2}[login]


def leads_to_as_many(browser: Visitor, cell: lxml.html.HtmlElement) -> bool:
    """Whether the list behind a cell holds as many steps as the cell counts, or a full page of them."""
    words = " ".join(cell.cssselect(".gd-mx-word")[0].text_content().split())
    rest = [part.text_content() for part in cell.cssselect(".gd-mx-rest > span:not(:has(use[href*=eye-x]))")]
    count = sum(int("".join(filter(str.isdigit, text)) or 1) for text in [words, *rest])
    found = browser.get(str(cell.get("href")))
    return found.status == 200 and min(count, 50) == len(found.tree.cssselect("tbody tr"))


def test_the_score_is_shown_with_its_formula_and_numbers(site: Site, ledger: Ledger) -> None:
    page = site.browser("chenxiao").get(address(ledger))
    assert page.words(".gd-mx-formula .gd-no")[0].startswith("100 × (")
    assert "÷" in page.words(".gd-mx-score small")[0]


def test_the_formula_speaks_the_words_of_the_legend(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    told = browser.get(address(ledger)).words(".gd-mx-formula .gd-micro")[0]
    for words in WORDS.values():
        assert words.lower() in told, words


def test_the_filters_fold_behind_one_button_that_counts_them(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    page = browser.get("/standards/matrix")
    assert len(page.tree.cssselect(".gd-mx-fold + form button")) == 1
    assert not page.words(".gd-mx-fold .gd-count")
    (count,) = browser.get(f"/standards/matrix?{QUARTER}&state=late&q=A").words(".gd-mx-fold .gd-count")
    assert count.startswith("3")


def test_a_campus_head_sees_their_classes_and_nothing_of_another_campus(site: Site, ledger: Ledger) -> None:
    browser = site.browser("zhaomin")
    page = browser.get(address(ledger))
    assert page.status == 200
    mine = {f.subject.external_id for f in ledger.facts["group"] if f.place.external_id in {"sz-nanshan", "room"}}
    assert set(page.words("tbody th small.gd-no")) <= mine
    other = ledger.places["gz-tianhe"].public_id
    assert browser.get(address(ledger, query=f"{QUARTER}&place={other}")).status == 404
    assert browser.get(address(ledger, "records", query=f"{QUARTER}&place={other}")).status == 404
    every = browser.get(address(ledger, "records"))
    assert every.status == 200
    assert "广州天河校区" not in every.text


def test_another_brand_s_standard_is_not_there(site: Site, ledger: Ledger, cast: Cast) -> None:
    hire(cast, "lvqiang", "kapok", "brand_administrator")
    browser = site.browser("lvqiang")
    assert browser.get(address(ledger, standard="brand")).status == 404
    assert browser.get(address(ledger, "records", standard="brand")).status == 404
    assert browser.post(address(ledger, "matrix/exports", standard="brand"), {"format": "csv"}).status == 404
    assert browser.get(address(ledger)).status == 200
    overview = browser.get("/standards/matrix?" + QUARTER)
    assert str(ledger.standards["brand"]) not in overview.text


def test_who_may_not_see_standards_is_told_so(site: Site, ledger: Ledger) -> None:
    for login in ("lina", "zhoulan"):
        for path in (address(ledger), address(ledger, "records"), "/standards/matrix"):
            assert site.browser(login).get(path).status == 403
    assert "matrix" not in site.browser("lina").get("/inbox").text.lower().split("<main")[0]


def test_waivers_and_failed_checks_are_always_visible(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    page = browser.get(address(ledger, query="from=2026-09-01&to=2026-12-31"))
    links = [each.get("href") or "" for each in page.tree.cssselect(".gd-mx-tools a")]
    waived = browser.get(next(each for each in links if "state=waived" in each))
    assert "停课" in waived.text
    failed = browser.get(next(each for each in links if "failed=1" in each))
    assert all("eye-x" in str(row) for row in failed.text.split("<tr>")[2:])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "query", [QUARTER, f"{QUARTER}&as_of=2026-11-01&by=campus", f"{QUARTER}&state=overdue&state=late"]
)
def test_the_file_says_what_the_page_says(site: Site, ledger: Ledger, form: str, query: str) -> None:
    browser = site.browser("chenxiao")
    page = browser.get(address(ledger, query=query))
    kept = page.value("input[name=query]")
    answer = browser.post(address(ledger, "matrix/exports", query=""), {"format": form, "query": kept})
    assert answer.status == 200
    head, *rows = read(answer, form)
    assert [row[0] for row in rows[:-1]] == [row.strip() for row in table(page)]
    shown = [each.text_content() for each in page.tree.cssselect(".gd-mx tbody tr td:nth-child(2) b")]
    assert [f"{float(row[-1]):.1f}" for row in rows[:-1] if row[-1] not in ("", None)] == shown
    totals = head.index(next(each for each in head if each.startswith(("合计", "Total"))))
    for row in rows:
        assert sum(int(cell) for cell in row[2:totals]) == sum(int(cell) for cell in row[totals:-2])
    counted = page.tree.cssselect(".gd-mx tfoot td.sum .gd-mx-word b")[0].text_content()
    assert counted in [str(cell) for cell in rows[-1][totals:-2]]


def test_the_file_of_all_standards_names_each_and_what_its_score_counts(site: Site, ledger: Ledger) -> None:
    answer = site.browser("chenxiao").post("/standards/matrix/exports", {"format": "csv", "query": QUARTER})
    head, *rows = read(answer, "csv")
    assert len(head) == len(set(head))
    scores, counted = head[1:-2:2], head[2:-2:2]
    assert [each.startswith(score) for score, each in zip(scores, counted, strict=True)] == [True] * len(scores)
    assert all(sum(int(each) for each in row[2:-2:2]) == int(row[-1]) for row in rows)


def test_the_list_as_a_file_holds_what_the_list_holds(site: Site, ledger: Ledger) -> None:
    browser = site.browser("guohao")
    query = f"{QUARTER}&state=late&place={ledger.places['qinghe'].public_id}"
    page = browser.get(address(ledger, "records", query=query))
    kept = page.value("input[name=query]")
    answer = browser.post(address(ledger, "records/exports", query=""), {"format": "csv", "query": kept})
    rows = read(answer, "csv")[1:]
    shown = page.words("tbody td.main a")
    assert [row[0] for row in rows][: len(shown)] == shown
    assert "once" not in {row[3] for row in rows}


def test_no_name_becomes_a_formula_in_a_file(site: Site, ledger: Ledger) -> None:
    with site.cast.runtime.writing() as session, session.begin():
        for subject in session.query(Subject):
            subject.name = '=HYPERLINK("http://evil")'
    browser = site.browser("zhaomin")
    for what in ("matrix", "records"):
        answer = browser.post(address(ledger, f"{what}/exports", query=""), {"format": "csv", "query": QUARTER})
        cells = [row[0] for row in read(answer, "csv")[1:]]
        assert any("HYPERLINK" in cell for cell in cells)
        assert not any(cell.startswith("=") for cell in cells)


def test_what_an_address_says_wrongly_is_named_and_passed_over(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    for query in ("period=2026-13", "from=soon", "from=2026-11-02&to=2026-11-01", "from=2020-01-01", "state=good",
                  "place=x", "as_of=2026-02-30", "page=0", "subject=1"):  # fmt: skip
        page = browser.get(address(ledger, query=query))
        assert page.status == 200, query
        assert page.tree.cssselect("[role=alert]"), query
    for query in ("q=%ff%25_", "cursor=%ff", "step=" + "x" * 500, "as_of=9999-12-31", "period=", "sort=x&by=y"):
        assert browser.get(address(ledger, query=query)).status == 200, query
        assert browser.get(address(ledger, "records", query=query)).status == 200, query


def test_an_export_of_nothing_known_is_refused_in_words(site: Site, ledger: Ledger) -> None:
    assert site.browser("chenxiao").post(address(ledger, "matrix/exports", query=""), {"format": "pdf"}).status == 422


def test_an_empty_period_says_what_to_do(site: Site, ledger: Ledger) -> None:
    page = site.browser("chenxiao").get(address(ledger, query="period=2026-01"))
    assert page.status == 200
    assert page.tree.cssselect(".gd-empty .btn-primary")


def test_the_pages_ask_the_database_no_more_than_thirty_times(site: Site, ledger: Ledger) -> None:
    browser = site.browser("chenxiao")
    browser.get("/standards/matrix")
    for path in (address(ledger), address(ledger, "records"), "/standards/matrix?" + QUARTER):
        with counted(site.cast.runtime.database) as statements:
            assert browser.get(path).status == 200
        assert len(statements) <= 30, (urlsplit(path).path, len(statements))


def hire(cast: Cast, login: str, place: str, role: str) -> None:
    """Somebody with a role at a place."""
    with cast.runtime.writing() as session, session.begin():
        at = session.get_one(Place, cast.places[place])
        person = add_person(session, at, NewPerson(login=login, name="吕强"), password_hash="", at=MORNING)
        grant_role(session, person, role_id=cast.roles[role], place_id=at.id)
        cast.people[login] = person.id


def read(answer: Page, form: str) -> list[list[str]]:
    if form == "csv":
        return [list(row) for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))]
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
