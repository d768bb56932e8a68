import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import Message
from tests.tickets.desk import MORNING, Desk
from tickets.event_words import STATUS_WORDS, people_named, worded
from tickets.ticket import Status
from tickets.timeline import EventKind, TimelineEvent, event_row
from tickets.timeline_words import WORDING

NAMES = {1: "李娜", 2: "周岚", 3: "吴芳"}


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def event(kind: EventKind, actor_id: int | None = None, **given: Any) -> TimelineEvent:
    values: dict[str, Any] = {"at": datetime(2026, 11, 20, tzinfo=UTC), "public": True, "via": "page", "params": {}}
    return TimelineEvent(**event_row(7, 1, kind, actor_id=actor_id, **(values | given)))


@pytest.mark.parametrize(
    ("happened", "text"),
    [
        (event(EventKind.FILED, 1), "李娜 filed this ticket"),
        (event(EventKind.FILED, 1, on_behalf_of_id=2), "李娜 filed this ticket for 周岚"),
        (event(EventKind.FILED, params={"cause": "合同到期"}), "“合同到期” started this ticket"),
        (event(EventKind.FILED), "This ticket started by itself"),
        (event(EventKind.ACCEPTED, 1), "李娜 accepted the ticket and answers for it now"),
        (event(EventKind.OWNER, params={"to_id": 1}), "李娜 answers for this ticket now"),
        (event(EventKind.OWNER, 1, params={"from_id": 1, "to_id": 3}), "李娜 handed the ticket over to 吴芳"),
        (event(EventKind.OWNER, 1, params={"from_id": None, "to_id": 3}), "李娜 made 吴芳 the owner"),
        (event(EventKind.OWNER, 1, params={"from_id": 2, "to_id": 3}), "李娜 handed the ticket over from 周岚 to 吴芳"),
        (event(EventKind.CLAIMED, 1, params={"task": "分诊"}), "李娜 claimed “分诊”"),
        (event(EventKind.RELEASED, 1, params={"task": "分诊"}), "李娜 released “分诊”"),
        (event(EventKind.COMPLETED, 1, params={"task": "分诊"}), "李娜 completed “分诊”"),
        (
            event(EventKind.COMPLETED, 1, params={"task": "分诊", "next": ["研发处理", "答复"]}),
            "李娜 completed “分诊”, next: “研发处理, 答复”",
        ),
        (event(EventKind.NOTED, 1), "李娜 wrote an internal note"),
        (event(EventKind.REPLIED, 1, params={"to_id": 2}), "李娜 replied to 周岚"),
        (event(EventKind.ANSWERED, 2), "周岚 wrote back"),
        (
            event(EventKind.STATUS, params={"from": "in_progress", "to": "closed"}),
            "The status changed from In progress to Closed",
        ),
        (event(EventKind.OFFERED, params={"task": "分诊", "to": "技术支持"}), "“分诊” waits for 技术支持"),
        (
            event(EventKind.OFFERED, params={"task": "续费", "to_id": 1, "absent_id": 3}),
            "“续费” waits for 李娜, because 吴芳 has left",
        ),
        (event(EventKind.TIMER, params={"timer": "超时"}), "It was time for “超时”"),
        (event(EventKind.MESSAGE, params={"message": "contract"}), "The event “contract” arrived"),
        (
            event(
                EventKind.INCIDENT,
                params={"element": "分诊", "reason": "%(x)s is not known.", "reason_params": {"x": "amount"}},
            ),
            "The process stopped at “分诊”: amount is not known.",
        ),
        (event(EventKind.RETRIED, 1, params={"element": "分诊"}), "李娜 tried “分诊” again"),
        (event(EventKind.TAGGED, 1, params={"added": ["音频"], "removed": []}), "李娜 tagged it: 音频"),
        (event(EventKind.TAGGED, 1, params={"removed": ["音频"]}), "李娜 removed from its tags: 音频"),
        (
            event(EventKind.TAGGED, 1, params={"added": ["音频", "急"], "removed": ["网络"]}),
            "李娜 tagged it: 音频, 急; removed: 网络",
        ),
        (event(EventKind.CLOSED), "The ticket was closed"),
    ],
)
def test_what_happened_is_told_with_who_and_what(happened: TimelineEvent, text: str) -> None:
    assert str(worded(happened, NAMES)) == text


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_is_worded_even_when_its_row_says_nothing(kind: EventKind) -> None:
    message = worded(event(kind, params={"task": "", "files": []}), {})
    assert message.text in WORDING[kind]
    assert "%" not in str(message)


def test_names_are_told_in_the_readers_language() -> None:
    claimed = event(EventKind.CLAIMED, 1, params={"task": "分诊 Triage", "task_names": {"zh": "分诊", "en": "Triage"}})
    told = {language: str(worded(claimed, NAMES, language=language)) for language in ("zh", "en", "fr", "")}
    assert told["zh"] == "李娜 claimed “分诊”"
    assert told["en"] == "李娜 claimed “Triage”"
    assert told["fr"] == told[""] == "李娜 claimed “分诊 Triage”"


def test_statuses_are_left_for_the_reader_to_translate() -> None:
    message = worded(event(EventKind.STATUS, params={"from": "offered", "to": "closed"}), {})
    assert message.params == {"from": Message("Offered"), "to": Message("Closed")}


def test_every_status_has_a_word() -> None:
    assert set(STATUS_WORDS) == set(Status)


def test_what_people_typed_is_never_taken_for_a_template() -> None:
    message = worded(event(EventKind.CLAIMED, 1, params={"task": "100% %(who)s"}), NAMES)
    assert str(message) == "李娜 claimed “100% %(who)s”"


def test_every_placeholder_is_plain_text() -> None:
    for template in (text for texts in WORDING.values() for text in texts):
        assert template.replace("%%", "").count("%") == len(re.findall(r"%\(\w+\)s", template))


def test_everyone_an_event_speaks_of_is_named() -> None:
    offered = event(EventKind.OFFERED, 4, on_behalf_of_id=2, params={"to_id": 1, "absent_id": 3, "task_id": "t"})
    assert people_named([offered, event(EventKind.CLOSED)]) == {1, 2, 3, 4}


def test_many_rows_go_in_with_one_insert(desk: Desk) -> None:
    ticket = desk.ticket()
    rows = [
        event_row(
            ticket.id, ticket.brand_id, kind, actor_id=None, at=desk.clock.now(), public=True, via="system", params={}
        )
        for kind in EventKind
    ]
    with desk.writing() as session:
        session.execute(sa.insert(TimelineEvent), rows)
    assert [happened.kind for happened in desk.events(ticket)] == list(EventKind)
