"""The policy as a whole: every verb, for each who is something to the ticket, in every status, as written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tickets.desk import Desk
from tickets.access import Actor
from tickets.policy import Relation, Verb, allowed, fits
from tickets.ticket import Status

STATUSES = "UOPASRCW"
"""unassigned, offered, in progress, awaiting requester, suspended, resolved, closed, withdrawn: columns below."""
IN_STATUS = """
note         UOPASRCW
reply        UOPASR--
ask          --P-----
answer       UOPASR--
accept       UOPASR--
decline      UOPASR--
assign       UOPASR--
hand_over    UOPASR--
suspend      --PA----
resume       ---AS---
resolve      --PA----
confirm      -----R--
close        UOPASR--
reopen       -----RC-
withdraw     UOPAS---
urge         UOP-----
answer_urge  UOPASR--
cc           UOPASRCW
priority     UOPASR--
retitle      UOPASR--
tag          UOPASRCW
link         UOPASRCW
merge        UOPASR--
rate         -----RCW
"""
RELATIONS = {
    "q": Relation.REQUESTER,
    "f": Relation.FILER,
    "o": Relation.OWNER,
    "x": Relation.OFFERED,
    "h": Relation.HANDLER,
    "k": Relation.CANDIDATE,
    "n": Relation.CONSULTED,
    "c": Relation.CC,
}
BY_RELATION = """
note         -foxhknc
reply        --o-----
ask          --o-----
answer       q-------
accept       ---x-k--
decline      ---x----
assign       --------
hand_over    --o-----
suspend      --o-----
resume       --o-----
resolve      --o-----
confirm      q-------
close        --o-----
reopen       q-o-----
withdraw     qf------
urge         q------c
answer_urge  --o-----
cc           qfo-h---
priority     --o-h---
retitle      --o-h---
tag          --o-h---
link         --o-h---
merge        --o-----
rate         q-------
"""
DISPATCHERS = "assign hand_over suspend resume close reopen answer_urge cc priority retitle tag link merge".split()
"""Whom a dispatcher's scope reaches: those that need no tie to the ticket."""
OPERATED = {"note"}
"""What a lead's other permissions reach."""


def rows(table: str) -> dict[str, str]:
    return dict(line.split() for line in table.strip().splitlines())


def test_the_tables_name_every_verb() -> None:
    assert [*rows(IN_STATUS)] == [*rows(BY_RELATION)] == [verb.value for verb in Verb]


@pytest.mark.parametrize("verb", list(Verb))
def test_in_which_statuses(lasting_desk: Desk, verb: Verb) -> None:
    ticket = lasting_desk.ticket(urged_at=lasting_desk.clock.now())
    found = ""
    for letter, status in zip(STATUSES, Status, strict=True):
        ticket.status = status
        found += letter if fits(verb, ticket) else "-"
    assert found == rows(IN_STATUS)[verb]


@pytest.mark.parametrize("verb", list(Verb))
def test_for_whom(lasting_desk: Desk, verb: Verb) -> None:
    ticket, lina = lasting_desk.ticket(), lasting_desk.actor("lina")
    path = lasting_desk.actor("zhoulan").place_path
    found = "".join(
        letter if allowed(verb, lina, ticket, frozenset({relation}), place_path=path) else "-"
        for letter, relation in RELATIONS.items()
    )
    expected = rows(BY_RELATION)[verb]
    assert found == (expected if verb is not Verb.NOTE else "qfoxhknc")  # support's scope holds every ticket


@pytest.mark.parametrize("verb", list(Verb))
def test_a_dispatcher_needs_no_tie_and_only_within_the_brand(lasting_desk: Desk, verb: Verb) -> None:
    ticket, tangyan = lasting_desk.ticket(), lasting_desk.actor("tangyan")
    foreign = lasting_desk.ticket("huangyi")
    place, abroad = lasting_desk.actor("zhoulan").place_path, lasting_desk.actor("huangyi").place_path
    assert allowed(verb, tangyan, ticket, frozenset(), place_path=place) == (verb in {*DISPATCHERS, *OPERATED})
    assert not allowed(verb, tangyan, foreign, frozenset(), place_path=abroad)


@pytest.mark.parametrize("verb", [Verb.NOTE, Verb.ACCEPT, Verb.PRIORITY, Verb.RETITLE, Verb.TAG, Verb.LINK])
def test_who_has_lost_their_roles_works_on_nothing_more(lasting_desk: Desk, verb: Verb) -> None:
    ticket = lasting_desk.ticket()
    bare: Actor = replace(lasting_desk.actor("lina"), grants=())
    everything = frozenset(Relation)
    assert not allowed(verb, bare, ticket, everything, place_path=lasting_desk.actor("zhoulan").place_path)


def test_nobody_else_does_anything(lasting_desk: Desk) -> None:
    ticket, hejing = lasting_desk.ticket(), lasting_desk.actor("hejing")
    path = lasting_desk.actor("zhoulan").place_path
    assert not [verb for verb in Verb if allowed(verb, hejing, ticket, frozenset(), place_path=path)]
