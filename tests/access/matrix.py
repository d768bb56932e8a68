"""The table: for each method and endpoint, what everyone of `tests.access.stage.CAST` gets, a letter each.

`+` is let through, `-` sees it but may not, `0` does not find it, `L` has to sign in. The columns:

    requester owner assignee colleague head | campus brand rival | hq admin | leaver nobody
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.web.site import CRASH

OPEN = frozenset(
    {
        "home.login",
        "home.logout",
        "home.preferences",
        "home.sign_in",
        "openapi.spec",
        "static",
        "people_import.template",
        "subjects.template",
    }
)
"""What needs no rights, or only those of whoever is signed in."""


@dataclass(frozen=True)
class Row:
    """What is asked and who gets it. `values` are arguments of the address other than the scene's own (`@name`: another
    of the scene's); `body` what is sent.
    """

    letters: str
    values: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""

    @property
    def expected(self) -> str:
        """Without the spaces that part the columns."""
        return "".join(self.letters.split())


WHY = {"why": "因为"}
LETTER = {"body": "你好"}
OTHER = {"ticket": "@other"}
ROLE = {"brand": "@brand_id", "key": "guard", "name_zh": "保安", "name_en": "Guard", "scope": "own"}
EVENT = {"specversion": "1.0", "id": "1", "source": "/hr", "type": "nobody.waits"}

MATRIX: Mapping[str, Row] = {
    "POST api.add_copied": Row("", body={"people": ["@to"]}),
    "POST api.answer": Row("", body=LETTER),
    "POST api.answer_press": Row("", body={"body": "快了", "expected_at": "2026-12-01T10:00:00+08:00"}),
    "POST api.ask": Row("", body=LETTER),
    "POST api.close": Row("", body=WHY),
    "POST api.decline": Row("", body=WHY),
    "POST api.file": Row("", body={"type": "crash_report"}),
    "POST api.hand_over": Row("", body={"to": "zhangwei"}),
    "POST api.link": Row("", body=OTHER),
    "POST api.merge": Row("", body=OTHER),
    "POST api.note": Row("", body=LETTER),
    "POST api.rate": Row("", body={"stars": 5}),
    "POST api.reopen": Row("", body=WHY),
    "POST api.reply": Row("", body=LETTER),
    "POST api.resolve": Row("", body=WHY),
    "POST api.return_task": Row("", body=WHY),
    "POST api.send_event": Row("", body=EVENT),
    "POST api.send_message": Row("", body={"name": "nobody.waits", "key": "CR-1"}),
    "POST api.send_signal": Row("", body={"name": "nobody.waits"}),
    "POST api.set_parent": Row("", body=OTHER),
    "POST api.set_priority": Row("", body={"priority": "high"}),
    "POST api.set_title": Row("", body={"title": "换个标题"}),
    "POST api.suspend": Row("", body=WHY),
    "POST api.withdraw": Row("", body=WHY),
    "PUT api.set_tags": Row("", body={"tags": ["平板"]}),
    "POST api.add_helpers": Row("", body={"to": ["zhangwei"]}),
    "POST api.advise": Row("", body={"answer": "这样就好"}),
    "POST api.consult": Row("", body={"to": ["zhangwei"], "question": "为什么?"}),
    "POST api.delegate": Row("", body={"to": "zhangwei"}),
    "POST api.transfer": Row("", body={"to": "zhangwei", "why": "因为"}),
    "GET lists.bulk_result": Row("", values={"key": "@person_id"}),
    "GET rules.trial": Row("", query="?number=CR-1"),
    "GET service.policy_form": Row("", query="?brand=@place_id"),
    "POST service.put_policy": Row("", body={"brand": "@place_id", "resolution": "2", "resolution_unit": "days"}),
    "POST places.move": Row("", values={"place_id": "@campus_id"}, body={"above": "@place_id"}),
    "POST lists.run_bulk_action": Row("", body={"verb": "note", "tickets": "@number", "note-text": "你好"}),
    "POST departures.create": Row("", body={"person": "@person_id"}),
    "POST filing.submit": Row("", body={"type": "crash_report", **CRASH}),
    "POST person.give": Row("", body={"role": "@role_id", "place": "@place_id"}),
    "POST roles.create": Row("", body=ROLE),
    "GET verbs.form": Row("", values={"verb": "suspend"}),
    "GET task_verbs.form": Row("", values={"verb": "transfer"}),
    "POST type_settings.keep": Row("", values={"name": "close.after"}, body={"value": "P5D", "brand": "@place_id"}),
}
