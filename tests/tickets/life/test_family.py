"""Links, parents and children, merging and tags: what they change, who may, and what is refused."""

from __future__ import annotations

import pytest

from tests.tickets.life.errand import begun, do, filed, status
from tests.tickets.play import Play
from tickets.conversation import reply
from tickets.copies import TicketCc
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.family.linking import link, unlink
from tickets.family.merging import merge
from tickets.family.parents import set_parent, unset_parent
from tickets.family.reading import Family, family_of
from tickets.family.tagging import add_tags, set_tags, suggestions
from tickets.life.ending import close, confirm
from tickets.life.reopening import reopen
from tickets.life.resolving import resolve
from tickets.reading import ticket_page


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def family(play: Play, login: str, number: str, *, inside: bool = True) -> Family:
    with play.runtime.reading() as session:
        return family_of(session, play.cast.actor(login), number, inside=inside)


def two(play: Play) -> tuple[str, str]:
    """Two tickets of zhoulan's that lina answers for."""
    one = begun(play)
    other = play.file("zhoulan")
    play.claim("lina", "look", other)
    return one, other


def test_linked_tickets_show_each_other(play: Play) -> None:
    one, other = two(play)
    do(play, "lina", link, one, f" {other.lower()} ")
    do(play, "lina", link, one, other)
    assert [each.number for each in family(play, "lina", one).related] == [other]
    assert [each.number for each in family(play, "lina", other).related] == [one]
    assert play.told(one).count("linked") == play.told(other).count("linked") == 1
    do(play, "lina", unlink, other, one)
    do(play, "lina", unlink, other, one)
    assert not family(play, "lina", one).ties
    assert play.told(one)[-1] == "unlinked"


def test_a_duplicate_is_told_apart_from_what_it_repeats(play: Play) -> None:
    one, other = two(play)
    do(play, "lina", link, one, other, "duplicate")
    assert [each.number for each in family(play, "lina", one).duplicate_of] == [other]
    assert [each.number for each in family(play, "lina", other).duplicates] == [one]


def test_only_what_one_sees_can_be_linked(play: Play) -> None:
    one = begun(play)
    foreign = play.file("huangyi")
    with pytest.raises(Invalid, match="itself"):
        do(play, "lina", link, one, one)
    for number in ("", "X-1", "x\x00"):
        with pytest.raises(Invalid, match="no ticket"):
            do(play, "lina", link, one, number)
    with pytest.raises(Invalid, match="kind"):
        do(play, "lina", link, one, foreign, "cousin")
    with pytest.raises(Forbidden):
        do(play, "zhoulan", link, one, foreign)
    with pytest.raises(NotFound):
        do(play, "huangyi", link, one, foreign)


def test_a_link_shows_only_to_those_who_see_the_other(play: Play) -> None:
    one = begun(play)
    foreign = play.file("huangyi")
    do(play, "lina", link, one, foreign)
    assert [each.number for each in family(play, "lina", one).related] == [foreign]
    assert family(play, "tangyan", one).related == []


def test_a_parent_does_not_close_before_its_child(play: Play) -> None:
    parent, child = two(play)
    do(play, "lina", set_parent, child, parent)
    do(play, "lina", set_parent, child, parent)
    assert [each.number for each in family(play, "lina", parent).children] == [child]
    with pytest.raises(Conflict, match=child):
        do(play, "lina", close, parent, "不用了")
    do(play, "lina", resolve, parent, "好了")
    with pytest.raises(Conflict, match=child):
        do(play, "zhoulan", confirm, parent)
    play.pass_time(days=4)
    assert status(play, parent) == "resolved"
    do(play, "lina", close, child, "好了")
    play.settle()
    assert status(play, parent) == "closed"


def test_a_process_that_ends_leaves_a_parent_resolved_until_its_children_have_ended(play: Play) -> None:
    parent, child = two(play)
    do(play, "lina", set_parent, child, parent)
    play.complete("lina", "look", parent)
    play.complete("lina", "fix", parent)
    assert (status(play, parent), play.instance(parent).status) == ("resolved", "completed")
    play.complete("lina", "look", child)
    play.complete("lina", "fix", child)
    play.settle()
    assert status(play, parent) == "resolved"
    play.pass_time(days=3)
    assert status(play, parent) == "closed"


def test_a_type_may_let_parents_close_first(play: Play) -> None:
    parent = begun(play, children__first="false")
    child = play.file("zhoulan")
    do(play, "tangyan", set_parent, child, parent)
    do(play, "lina", close, parent, "不用了")
    assert status(play, parent) == "closed"


def test_circles_and_closed_parents_are_refused(play: Play) -> None:
    one, other = two(play)
    third = play.file("zhoulan")
    do(play, "lina", set_parent, other, one)
    do(play, "tangyan", set_parent, third, other)
    with pytest.raises(Invalid, match="circle"):
        do(play, "lina", set_parent, one, third)
    do(play, "tangyan", unset_parent, third)
    do(play, "tangyan", unset_parent, third)
    do(play, "tangyan", close, third, "不用了")
    with pytest.raises(Conflict, match="closed"):
        do(play, "lina", set_parent, one, third)


def test_merging_cancels_the_one_and_brings_its_people_to_the_other(play: Play) -> None:
    one = begun(play)
    other = play.file("sunyue")
    play.claim("lina", "look", other)
    do(play, "lina", reply, other, "收到")
    do(play, "lina", merge, other, one)
    merged = play.ticket(other)
    assert (merged.status, merged.merged_into_id) == ("closed", play.ticket(one).id)
    assert play.instance(other).status == "cancelled"
    assert play.told(other)[-1] == "merged+"
    assert play.told(one)[-1] == "absorbed"
    copied = (TicketCc.ticket_id == merged.merged_into_id, TicketCc.person_id == play.cast.people["sunyue"])
    assert play.count(TicketCc, *copied) == 1
    found = family(play, "sunyue", other, inside=False).merged_into
    assert found is not None
    assert found.number == one
    assert [each.number for each in family(play, "lina", one).absorbed] == [other]
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.sunyue, other, play.cast.clock.now())
    assert "收到" in [event.body for event in page.events]


def test_a_merged_ticket_is_not_reopened(play: Play) -> None:
    one, other = two(play)
    do(play, "lina", merge, other, one)
    with pytest.raises(Conflict, match="merged"):
        do(play, "zhoulan", reopen, other, "还是要")


def test_children_of_a_merged_ticket_move_on(play: Play) -> None:
    one, other = two(play)
    child = play.file("zhoulan")
    do(play, "tangyan", set_parent, child, other)
    with pytest.raises(Invalid, match="below"):
        do(play, "lina", merge, other, child)
    do(play, "lina", merge, other, one)
    assert play.ticket(child).parent_id == play.ticket(one).id


def test_what_cannot_be_merged(play: Play) -> None:
    one, other = two(play)
    foreign = play.file("huangyi")
    do(play, "lina", close, other, "好了")
    with pytest.raises(Conflict):
        do(play, "lina", merge, one, other)
    with pytest.raises(Invalid, match="brand"):
        do(play, "lina", merge, one, foreign)
    with pytest.raises(Invalid, match="itself"):
        do(play, "lina", merge, one, one)
    with pytest.raises(Forbidden):
        do(play, "zhoulan", merge, one, other)
    with pytest.raises(NotFound):
        do(play, "sunyue", merge, one, other)


def test_tags_are_set_added_and_removed(play: Play) -> None:
    number = begun(play)
    do(play, "lina", set_tags, number, ["网络", " 教室 ", "Wi-Fi", "wi-fi", ""])
    do(play, "lina", add_tags, number, ["ＷＩ-ＦＩ", "急"])
    assert (
        family(play, "lina", number).tags == ["wi-fi", "急", "教室", "网络"]
        or len(family(play, "lina", number).tags) == 4
    )
    for _ in range(2):
        do(play, "lina", set_tags, number, ["Wi-Fi", "教室", "网络"])
    assert sorted(family(play, "lina", number).tags) == sorted(["Wi-Fi", "教室", "网络"])
    assert play.told(number).count("tagged") == 3
    with play.runtime.reading() as session:
        assert suggestions(session, play.ticket(number).brand_id, "WI") == ["Wi-Fi"]
        assert suggestions(session, play.cast.huangyi.brand_id, "WI") == []


@pytest.mark.parametrize("names", [["x" * 33], ["a\u202eb"], [f"t{number}" for number in range(21)]])
def test_a_tag_is_a_short_word_and_there_are_not_too_many(play: Play, names: list[str]) -> None:
    number = begun(play)
    with pytest.raises(Invalid):
        do(play, "lina", set_tags, number, names)


def test_who_tags(play: Play) -> None:
    number = filed(play)
    with pytest.raises(Forbidden):
        do(play, "zhoulan", set_tags, number, ["网络"])
    with pytest.raises(Forbidden):
        do(play, "lina", set_tags, number, ["网络"])
    do(play, "tangyan", set_tags, number, ["网络"])
