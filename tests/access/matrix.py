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


TEXT = {"body": "你好", "text": "你好"}
CRASH_REPORT = {"type": "crash_report", **CRASH}
MESSAGE = {"name": "nobody.waits", "key": "CR-1"}

MATRIX: Mapping[str, Row] = {
    "POST api.file": Row("", body={"type": "crash_report"}),
    "POST api.send_message": Row("", body=MESSAGE),
    "POST api.send_signal": Row("", body={"name": "nobody.waits"}),
    "POST filing.submit": Row("", body=CRASH_REPORT),
    "POST ticket.answer": Row("", body=TEXT),
    "POST ticket.note": Row("", body=TEXT),
    "POST ticket.reply": Row("", body=TEXT),
}
