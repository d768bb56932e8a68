"""The audit log in words: of every action that is recorded, no value is shown as it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.organising.test_words import actions
from tests.tickets.standards.campus import Campus
from tests.web.site import Site
from tickets import audit
from tickets.assigning.models import Method
from tickets.assigning.rule_checks import SUPERIORS_OF
from tickets.clients.client import CLIENT_SCOPES
from tickets.departing.plan import Way
from tickets.exporting.sheet import Format
from tickets.notices.table import Topic
from tickets.notices.urls import AddressKind
from tickets.organising.audit_words import ACTIONS, FIELDS
from tickets.permissions import Permission, Scope
from tickets.places import Place, PlaceKind
from tickets.roles import Role
from tickets.settings import SETTINGS
from tickets.standards.conditions import Is
from tickets.standards.matrix.states import State
from tickets.standards.tables import Trigger, Verdict, WaiverState
from tickets.subjects import SubjectKind
from tickets.ticket import Priority, Status

TYPE, STEP, ROLE = "class_kickoff", "feedback", "campus_head"


def each(kind: type[StrEnum]) -> list[str]:
    return [value.value for value in kind]


WRITTEN: Mapping[str, Mapping[str, Iterable[Any]]] = {
    "absence.ended": {"from": ["2026-11-20T01:00:00+00:00"], "substitute_id": ["«person»"], "pass_on": [True]},
    "absence.set": {"until": ["2026-11-21T01:00:00+00:00"], "substitute_id": ["«person»"], "pass_on": [False]},
    "canned_reply.changed": {"type_key": [TYPE], "body_zh": ["好"]},
    "canned_reply.created": {"title": ["重启"], "type_key": [TYPE, ""]},
    "canned_reply.removed": {"title": ["重启"]},
    "channel.added": {"kind": each(AddressKind), "topics": [each(Topic)], "hint": ["https://…/a1"]},
    "channel.removed": {"kind": each(AddressKind), "topics": [each(Topic)]},
    "client.changed": {
        "scopes": [list(CLIENT_SCOPES)],
        "types": [[TYPE]],
        "place_id": ["«place»"],
        "per_minute": [600],
    },
    "client.created": {"scopes": [list(CLIENT_SCOPES)], "expires_at": [None], "addresses": [["10.0.0.0/8"]]},
    "client.disabled": {},
    "client.enabled": {},
    "client.token_issued": {"tokens": [2]},
    "client.token_revoked": {"token": ["gdt…1234"]},
    "incident.dismissed": {},
    "incident.retried": {},
    "job.cancelled": {},
    "job.retried": {},
    "menu.changed": {"items": [["1. lists.inbox (hidden; roles: campus_head)", "2. audit.index"]]},
    "menu.removed": {"items": [["1. lists.tickets"]]},
    "message.sent_again": {},
    "organisation.founded": {},
    "people.imported": {"created": [3], "changed": [1], "rows": [9]},
    "person.changed": {"roles": [["campus_head@南山"]], "superior_id": ["«person»"], "language": ["zh", "en", ""]},
    "person.created": {"login": ["xuan"], "role": [ROLE], "place": ["南山"], "superior_id": ["«person»"]},
    "person.departed": {
        "plan": [
            {"default": way, "alone": way, "types": {TYPE: way}, "people": ["«person»"], "role_id": "«role»"}
            for way in Way
        ]
    },
    "person.locked": {"failures": [10], "until": ["2026-11-20T01:00:00+00:00"]},
    "person.password_changed": {},
    "person.password_reset": {},
    "person.returned": {},
    "person.role_given": {"role": [ROLE], "place": ["南山"]},
    "person.role_taken": {"role": [ROLE], "place": ["南山"]},
    "person.signed_out": {"sessions": [2]},
    "person.skills": {"skills": [["android"]]},
    "person.superior": {"superior_id": ["«person»"]},
    "person.unlocked": {},
    "place.changed": {"names": [{"zh": "南山"}], "time_zone": ["Asia/Shanghai"], "external_id": ["sz-1"]},
    "place.closed": {},
    "place.created": {"kind": each(PlaceKind), "place": ["启明"]},
    "place.moved": {"place": ["启明"]},
    "place.opened": {},
    "privacy.erased": {"tickets": [3]},
    "role.changed": {"permissions": [each(Permission)], "scope": each(Scope)},
    "role.created": {
        "key": ["night"],
        "permissions": [each(Permission)],
        "scope": each(Scope),
        "name_zh": ["夜班"],
    },
    "role.deleted": {"permissions": [each(Permission)], "scope": each(Scope), "name_zh": ["夜班"]},
    "rule.added": {
        "method": each(Method),
        "args": [{"role": ROLE}, {"who": "lina"}, *({"of": of} for of in SUPERIORS_OF), {"skills": ["android"]}],
        "position": [1],
    },
    "rule.changed": {"method": each(Method), "args": [{"role": ROLE}]},
    "rule.moved": {"position": [2]},
    "rule.removed": {"method": each(Method), "args": [{"role": ROLE, "skills": ["android"]}]},
    "secret.changed": {"about": ["问黄毅"]},
    "secret.created": {},
    "secret.deleted": {},
    "secret.replaced": {"about": ["问黄毅"]},
    "sensitive.seen": {"fields": [["电话"]]},
    "service.calendar": {"hours": [{"0": "09:00-18:00"}], "holidays": ["china", ""], "names": [{"zh": "上班日"}]},
    "service.calendar.chosen": {"calendar": [None]},
    "service.calendar.removed": {"holidays": ["china"], "days": [["2026-10-10 09:00-18:00"]]},
    "service.closure": {"starts": ["2026-10-10"], "ends": ["2026-10-11"], "reason": ["停电"]},
    "service.closure.removed": {"starts": ["2026-10-10T09:00"]},
    "service.policy": {
        "type_key": [TYPE, ""],
        "priority": [*each(Priority), ""],
        "response": ["PT4H"],
        "working": [True],
        "warn_before": ["PT30M"],
        "escalate_to": ["superior", "role:campus_head", "person:lina"],
    },
    "service.policy.removed": {"resolution": ["P2D"], "escalate_after": ["PT30M"]},
    "spot_check.corrected": {"verdict": each(Verdict), "reason": ["看错了"]},
    "spot_check.drawn": {"size": [3], "steps": [9], "from": ["2026-11-01"], "seed": ["00ff00ff00ff00ff"]},
    "spot_check.exported": {"rows": [9], "format": each(Format)},
    "spot_check.judged": {"verdict": each(Verdict)},
    "standard.changed": {
        "subject_kind": each(SubjectKind),
        "trigger": each(Trigger),
        "timing": [
            {"attribute": "start_date", "days": -7},
            {"attribute": "end_date", "days": 3},
            {"attribute": "contract_end", "days": 0},
            {"cycle": "0 9 1 * *", "from": "start_date", "until": "end_date"},
            {"cycle": "R/P1M", "from": "start_date", "until": "end_date"},
            {},
        ],
        "conditions": [[{"attribute": "status", "is": said, "value": "7"}] for said in Is],
        "begins_on": ["2026-11-01"],
    },
    "standard.launch_cancelled": {},
    "standard.launched": {"subjects": [12]},
    "standard.set_up": {"subject_kind": each(SubjectKind), "trigger": each(Trigger), "conditions": [[]]},
    "standard.switched_off": {},
    "standard.switched_on": {},
    "standards.exported": {
        "query": [f"period=2026-11&place=place&state={state}&step={STEP}" for state in State],
        "format": each(Format),
        "rows": [120],
    },
    "subject.changed": {
        "responsible_id": ["«person»"],
        "attributes": [
            {"start_date": "2026-11-01", "students": 12},
            {"students": ["王小明", "李雷"], "stages": [{"name": "期中", "date": "2026-11-28"}]},
        ],
    },
    "subject.created": {"place_id": ["«place»"], "contract_end": ["2027-01-01"], "name": ["林小满"]},
    "tickets.exported": {
        "query": [
            *(f"status={status}&type={TYPE}&overdue=1" for status in Status),
            *(f"priority={priority}&owner=me&created=last7d" for priority in Priority),
        ],
        "format": each(Format),
        "rows": [120],
    },
    "token.issued": {"name": ["脚本"], "expires_at": ["2026-11-20T01:00:00+00:00"]},
    "token.revoked": {"name": ["脚本"]},
    "type.deployed": {},
    "type.republished": {"files_of": [1]},
    "type.setting": {
        "owner": [ROLE, "lina"],
        "cc": [[ROLE, "lina"]],
        "offered": [True],
        "start.roles": [[ROLE]],
        "accept.within": ["PT30M"],
        "urge.cooldown": ["PT30M"],
        "urge.answer": ["PT1H"],
        "urge.enabled": [False],
        "close.after": ["P3D"],
        "reopen.within": ["P30D"],
        "children.first": [True],
    },
    "type.tickets_moved": {"version": [3], "tickets": [12]},
    "variant.lost": {},
    "view.removed": {"query": ["status=open"], "role_id": ["«role»"]},
    "view.shared": {"query": ["status=open"], "role_id": ["«role»", None]},
    "waiver.approved": {"state": each(WaiverState), "from": ["2026-11-01"], "until": ["2026-11-09"], "steps": [2]},
    "waiver.asked": {"state": each(WaiverState), "reason": ["停电"]},
    "waiver.ended": {"state": each(WaiverState), "steps": [2]},
    "waiver.refused": {"state": each(WaiverState)},
    "webhook.added": {"hint": ["https://…/a1"], "topics": [each(Topic)]},
    "webhook.removed": {"kind": each(AddressKind), "topics": [each(Topic)]},
    "webhook.secret_shown": {},
}
"""Of each action the fields that it writes down, with every value of those that are chosen from a list."""
ABOUT: Mapping[str, str] = {
    "job.": "job 12",
    "message.": "message 12",
    "privacy.": "person 01932f3a-0000-7000-8000-00000000abcd",
    "role.": ROLE,
    "rule.": f"{TYPE} Task_Hold",
    "service.policy": f"{TYPE} high",
    "spot_check.exported": "开班典礼 · 启明",
    "spot_check.drawn": f"{TYPE} · 启明",
    "spot_check.": f"{TYPE}/{STEP} · 一班",
    "standard.": f"{TYPE} @ 启明",
    "subject.": "class K-1",
    "tickets.exported": "xlsx",
    "type.": TYPE,
    "variant.": f"{TYPE} v3",
    "waiver.": f"{TYPE}/{STEP} · 启明",
}
"""What the entries are about; anything else is a name."""
RAW = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\bP(?:T?\d+[DHMWY])+\b|\b[a-z]+\.[a-z]+\b|\b[a-z]+:[a-z]+\b|\bTask_\w+|\b70000\d\b|[0-9a-f]{8}-[0-9a-f]{4}-"
    r"|[{}\[\]]|R/P|\d \* \*|%28|=|&"
)
"""What looks like a key, an id, a code, a duration or stored data."""
NAMES = {"android", "https", "gdt", "lina", "xuan", "login", "zh", "en"}


def test_every_action_has_a_row_here() -> None:
    assert set(WRITTEN) == set(ACTIONS)
    assert actions() <= set(WRITTEN)


def test_every_setting_has_a_value_here() -> None:
    assert set(WRITTEN["type.setting"]) == set(SETTINGS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_of_any_action_is_shown_raw(site: Site, language: str) -> None:
    ids = _prepare(site)
    _write(site, ids)
    admin = site.browser("admin")
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = admin.get("/system/audit")
    seen = {row: row for row in page.words("tbody tr")}
    while (following := _next(page)) is not None:
        page = admin.get(following)
        seen |= {row: row for row in page.words("tbody tr")}
    assert len(seen) > len(ACTIONS)
    for row in seen:
        raw = [found for found in RAW.findall(row) if found not in ("https://", "K-1")]
        assert not raw, (language, raw, row)
    if language == "zh":
        _all_chinese(seen)
    sheet = admin.get("/system/audit/export.csv").text
    assert not re.search(r"\bfailed\b|campus_head|class_kickoff|in_time", sheet)


def _all_chinese(rows: Iterable[str]) -> None:
    """No value of a list of choices stands in a Chinese row as it is stored."""
    kinds = (Verdict, WaiverState, Trigger, SubjectKind, PlaceKind, Scope, Method, Priority, Topic, Status, Is)
    stored = {value for kind in kinds for value in each(kind)} - {"app"}
    for row in rows:
        words = set(re.findall(r"[a-z_]+", row))
        assert not words & stored, (words & stored, row)


def _next(page: Any) -> str | None:
    links = [link.get("href") for link in page.tree.cssselect("a[href*='cursor=']")]
    return links[0] if links else None


def _prepare(site: Site) -> dict[str, int]:
    """A standard with its steps, so that there are names for what the entries speak of."""
    site.play.ship(TYPE)
    Campus(site.play).set_up(TYPE)
    with site.cast.runtime.reading() as session:
        role_id = session.scalars(sa.select(Role.id).where(Role.key == ROLE)).first()
    assert role_id is not None
    return {"«person»": site.cast.actor("lina").person_id, "«place»": site.cast.places["qiming"], "«role»": role_id}


def _write(site: Site, ids: Mapping[str, int]) -> None:
    with site.cast.runtime.reading() as session:
        place = session.get_one(Place, site.cast.places["qiming"]).public_id
    now = site.cast.clock.now()
    with site.cast.runtime.writing() as session, session.begin():
        for action, fields in WRITTEN.items():
            what = next((text for begin, text in ABOUT.items() if action.startswith(begin)), "名称")
            entries: list[dict[str, Any]] = [{name: value} for name, values in fields.items() for value in values]
            for entry in entries or [{}]:
                after = {name: _real(value, ids, str(place)) for name, value in entry.items()}
                brand_id = site.cast.places["qiming"]
                audit.record(session, site.cast.admin, action, what, brand_id=brand_id, at=now, after=after)


def _real(value: Any, ids: Mapping[str, int], place: str) -> Any:
    """With the ids and the address of what there is."""
    if isinstance(value, str):
        return ids.get(value, value.replace("place=place", f"place={place}"))
    if isinstance(value, dict):
        return {name: _real(each, ids, place) for name, each in value.items()}
    if isinstance(value, list) and value != [] and set(value if isinstance(value[0], str) else []) & set(ids):
        return [_real(each, ids, place) for each in value]
    return value


def test_every_field_has_words() -> None:
    names = {name for fields in WRITTEN.values() for name in fields}
    assert names - FIELDS.keys() - SETTINGS.keys() == set(), "say in tickets/organising/audit_words.py"
