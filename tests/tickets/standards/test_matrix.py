"""The matrix against plain Python: every number over random histories, at any past day, for everyone's scope."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.tickets.desk import Desk
from tests.tickets.standards.ledger import STEPS, Count, Ledger, keep_ledger, score
from tickets.errors import Forbidden, NotFound
from tickets.standards.matrix.asked import Asked, read_asked
from tickets.standards.matrix.counting import Rows
from tickets.standards.matrix.overview import overview_of
from tickets.standards.matrix.reading import A_PAGE, Matrix, matrix_of
from tickets.standards.matrix.records import Record, records_of
from tickets.standards.matrix.states import WORDS, State, Tally

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def ledger(lasting_desk: Desk) -> Ledger:
    return keep_ledger(lasting_desk, 20261123)


def asked_of(ledger: Ledger, **said: Any) -> Asked:
    pairs = [
        (name.rstrip("_"), each)
        for name, value in said.items()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]
    read = read_asked(pairs, now=ledger.desk.clock.now(), zone=ZONE)
    assert not read.misread
    return read.asked


def matrix(ledger: Ledger, standard: str, asked: Asked, who: str = "chenxiao") -> Matrix:
    with ledger.desk.runtime.reading() as session:
        return matrix_of(session, ledger.desk.actor(who), ledger.standards[standard], asked, whole=True)


def counts_in(ledger: Ledger, found: Matrix) -> Count:
    """What the matrix says, in the form of the ledger's own counts."""
    external = {place.id: str(place.external_id) for place in ledger.places.values()}
    counts: Count = {}
    for line in found.lines:
        row = {Rows.PLACES: external.get(line.id, ""), Rows.SUBJECTS: line.note}.get(
            found.rows_are, str(line.public_id)
        )
        for column, tally in zip(found.columns, line.cells, strict=True):
            if tally.total:
                counts[row, column.key] = plain(tally)
    return counts


def plain(tally: Tally) -> Counter[str]:
    return Counter({state.value: tally[state] for state in WORDS} | {"failed": tally.failed})


def questions(chance: random.Random) -> list[dict[str, Any]]:
    """Random ones: periods, past days, steps, texts."""
    periods: list[dict[str, Any]] = [
        {"period": "2026-10"},
        {"period": "2026-11"},
        {"period": "2026-Q4"},
        {"from_": "2026-09-07", "to": "2026-11-03"},
        {},
    ]
    more: list[dict[str, Any]] = [
        {},
        {"as_of": f"2026-{chance.randrange(9, 12):02d}-{chance.randrange(1, 20):02d}"},
        {"as_of": f"2026-{chance.randrange(9, 12):02d}-{chance.randrange(1, 20):02d}", "step": ["hold", "minutes"]},
        {"q": chance.choice(("启蒙", "phonics", "100%", "a_b", "%", "K-"))},
        {"failed": "1"},
    ]
    return [{**period, **rest} for period in periods for rest in more]


PLACES = (("chenxiao", "qiming", "child"), ("chenxiao", "qiming", "campus"), ("guohao", "qinghe", "child"))


def test_the_numbers_are_those_of_plain_python(ledger: Ledger) -> None:
    chance = random.Random(7)
    seen: Counter[str] = Counter()
    for said in questions(chance):
        for who, at, rows in PLACES:
            asked = asked_of(ledger, **said, by="campus" if rows == "campus" else "")
            wanted = ledger.counts("group", asked, at=at, rows=rows)
            asked = asked.but(place=ledger.places[at].public_id)
            found = matrix(ledger, "group", asked, who)
            assert counts_in(ledger, found) == wanted, (said, who, rows)
            seen.update(sum(wanted.values(), Counter()))
    assert all(seen[state.value] for state in State), f"the histories hold every state: {seen}"
    assert seen["failed"]


def test_the_rows_of_a_campus_are_its_subjects_and_of_a_subject_its_occurrences(ledger: Ledger) -> None:
    place = str(ledger.places["sz-nanshan"].public_id)
    for said in questions(random.Random(8)):
        asked = asked_of(ledger, **said, place=place)
        found = matrix(ledger, "group", asked)
        assert found.rows_are is Rows.SUBJECTS
        assert counts_in(ledger, found) == ledger.counts("group", asked, at="sz-nanshan", rows="subject")
    asked = asked_of(ledger, from_="2026-09-01", to="2026-12-31")
    whole = ledger.counts("group", asked, at="sz-nanshan", rows="subject")
    for fact in {fact.subject.id: fact for fact in ledger.facts["group"]}.values():
        asked = asked_of(ledger, from_="2026-09-01", to="2026-12-31", subject=str(fact.subject.public_id))
        found = matrix(ledger, "group", asked)
        assert found.rows_are is Rows.OCCURRENCES
        mine = {
            key: count
            for key, count in ledger.counts("group", asked, rows="occurrence").items()
            if key[0]
            in {str(each.occurrence.public_id) for each in ledger.facts["group"] if each.subject.id == fact.subject.id}
        }
        assert counts_in(ledger, found) == mine
    assert whole


def test_rows_and_columns_add_up_to_the_totals(ledger: Ledger) -> None:
    for said in ({"period": "2026-Q4"}, {"period": "2026-10", "as_of": "2026-10-15"}):
        found = matrix(ledger, "group", asked_of(ledger, **said))
        assert found.lines
        for number, tally in enumerate(found.total.cells):
            assert plain(tally) == sum((plain(line.cells[number]) for line in found.lines), Counter(plain(Tally())))
        for line in (*found.lines, found.total):
            assert plain(line.total) == sum((plain(cell) for cell in line.cells), Counter(plain(Tally())))


def test_a_score_is_what_its_formula_says(ledger: Ledger) -> None:
    found = matrix(ledger, "group", asked_of(ledger, period="2026-Q4", by="campus"))
    for line in (*found.lines, found.total):
        for tally in (line.total, *line.cells):
            assert tally.score == score(plain(tally))
    assert Tally((10, 4, 3, 3, 5, 9), failed=2).score == 100 * (10 + 2 - 1) / 20
    assert Tally((0, 1, 0, 0, 0, 0), failed=5).score == 0, "not below nothing"
    assert Tally((0, 0, 0, 0, 3, 4)).score is None, "nothing was due"


def test_the_lowest_score_comes_first_and_what_has_none_last(ledger: Ledger) -> None:
    found = matrix(ledger, "group", asked_of(ledger, period="2026-Q4", by="campus"))
    scores = [line.total.score for line in found.lines]
    known = [each for each in scores if each is not None]
    assert known == sorted(known)
    assert scores == known + [None] * (len(scores) - len(known))


def test_the_states_asked_for_choose_the_rows_and_leave_the_score(ledger: Ledger) -> None:
    every = matrix(ledger, "group", asked_of(ledger, period="2026-10", by="campus"))
    asked = asked_of(ledger, period="2026-10", by="campus", state=["waived"])
    some = matrix(ledger, "group", asked)
    assert {line.id for line in some.lines} == {line.id for line in every.lines if line.total[State.WAIVED]}
    scores = {line.id: line.total.score for line in every.lines}
    assert all(line.total.score == scores[line.id] for line in some.lines)


def test_the_list_behind_a_cell_holds_what_the_cell_counts(ledger: Ledger) -> None:
    actor = ledger.desk.actor("chenxiao")
    for said in questions(random.Random(9)):
        for state in State:
            asked = asked_of(ledger, **said, state=state.value, place=str(ledger.places["qinghe"].public_id))
            wanted = [fact for fact in ledger.wanted("group", asked, at="qinghe") if fact.state(asked.as_of) == state]
            wanted.sort(key=lambda fact: (fact.record.due_at, fact.record.id))
            found: list[Record] = []
            cursor = None
            with ledger.desk.runtime.reading() as session:
                while True:
                    page = records_of(session, actor, ledger.standards["group"], asked, cursor=cursor, limit=7).page
                    found += page.rows
                    if (cursor := page.next_cursor) is None:
                        break
            assert [each.id for each in found] == [fact.record.id for fact in wanted]
            for each, fact in zip(found, wanted, strict=True):
                assert each.failed == sum(1 for moment in fact.failed_at if moment <= asked.as_of)
                assert (each.done_at is None) == (state not in (State.IN_TIME, State.LATE))
                assert (each.waived is not None) == (fact.record.waiver_id is not None)


def test_the_matrix_of_all_standards_has_a_score_for_each(ledger: Ledger) -> None:
    asked = asked_of(ledger, period="2026-Q4")
    with ledger.desk.runtime.reading() as session:
        found = overview_of(session, ledger.desk.actor("chenxiao"), asked)
    by_id = {str(place.id): str(place.external_id) for place in ledger.places.values()}
    for number, standard in enumerate(found.standards):
        key = next(name for name, public_id in ledger.standards.items() if public_id == standard.public_id)
        wanted: Counter[tuple[str, str]] = Counter()
        for (row, _), count in ledger.counts(key, asked).items():
            wanted.update({(row, name): value for name, value in count.items()})
        for line in found.lines:
            row = by_id[str(line.id)]
            got = {(row, name): value for name, value in plain(line.cells[number]).items() if value}
            assert got == {key: value for key, value in wanted.items() if key[0] == row and value}


def test_everyone_sees_their_own_scope(ledger: Ledger) -> None:
    asked = asked_of(ledger, period="2026-Q4")
    mine = ledger.counts("group", asked, at="sz-nanshan", rows="subject")
    head = matrix(ledger, "group", asked, "zhaomin")
    assert head.rows_are is Rows.SUBJECTS
    assert counts_in(ledger, head) == mine, "a campus head starts at their campus"
    brand = matrix(ledger, "group", asked, "guohao")
    assert counts_in(ledger, brand) == ledger.counts("group", asked, at="qinghe")
    assert [spot.name for spot in brand.way] == ["青禾英语"], "nothing above the brand is named"


@pytest.mark.parametrize(
    ("who", "place"), [("zhaomin", "gz-tianhe"), ("zhaomin", "qinghe"), ("guohao", "kapok"), ("guohao", "qiming")]
)
def test_another_s_place_is_not_found(ledger: Ledger, who: str, place: str) -> None:
    with pytest.raises(NotFound):
        matrix(ledger, "group", asked_of(ledger, place=str(ledger.places[place].public_id)), who)


def test_a_subject_of_another_campus_is_not_found(ledger: Ledger) -> None:
    other = next(fact.subject for fact in ledger.facts["group"] if fact.place.external_id == "gz-tianhe")
    with pytest.raises(NotFound):
        matrix(ledger, "group", asked_of(ledger, subject=str(other.public_id)), "zhaomin")


@pytest.mark.parametrize("who", ["zhoulan", "lina", "wanglei", "liutao", "huangyi"])
def test_whose_roles_show_no_standards_is_told_so(ledger: Ledger, who: str) -> None:
    with pytest.raises(Forbidden):
        matrix(ledger, "group", asked_of(ledger), who)


def test_a_brand_s_standard_starts_at_the_brand_also_for_headquarters(ledger: Ledger) -> None:
    found = matrix(ledger, "brand", asked_of(ledger, period="2026-Q4"))
    assert [spot.name for spot in found.way] == ["启明教育集团", "青禾英语"]
    assert counts_in(ledger, found) == ledger.counts("brand", asked_of(ledger, period="2026-Q4"), at="qinghe")


def test_many_rows_come_in_pages_and_a_page_beyond_the_last_is_the_last(ledger: Ledger) -> None:
    assert len(STEPS) <= A_PAGE
    asked = asked_of(ledger, period="2026-Q4", page="9")
    with ledger.desk.runtime.reading() as session:
        found = matrix_of(session, ledger.desk.actor("chenxiao"), ledger.standards["group"], asked)
    assert found.pages == 1
    assert found.lines


def test_as_of_today_is_now(ledger: Ledger) -> None:
    now = ledger.desk.clock.now()
    asked = asked_of(ledger, as_of=f"{now.astimezone(ZONE):%Y-%m-%d}")
    assert asked.as_of == now
    assert asked.day is None
    before = asked_of(ledger, as_of="2026-10-31")
    assert before.as_of - timedelta(seconds=1) == before.as_of.replace(day=31, month=10, hour=23, minute=59, second=59)
    assert before.period.name == "2026-10", "the period is that day's month unless another is asked for"
