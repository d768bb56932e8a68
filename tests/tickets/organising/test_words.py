"""Every action of the audit log and every permission has words."""

from __future__ import annotations

import re
from pathlib import Path

from tickets.organising.audit_words import ACTIONS
from tickets.organising.permission_words import GROUPS, SCOPES, WORDS
from tickets.permissions import Permission, Scope

ROOT = Path(__file__).parents[3]
RECORDED = re.compile(r"""\b(?:audit\.)?record\(\s*[^,]+,\s*[^,]+,\s*(?:action,|((?:[^,"]*"[a-z_]+\.[a-z_]+")+))""")
NAMED = re.compile(r"""\baction(?::[^=]+)? = ((?:[^\n"]*"[a-z_]+\.[a-z_]+")+)""")


def actions() -> set[str]:
    """What is written in the code as the action of an entry."""
    texts = [path.read_text() for folder in ("tickets", "web") for path in (ROOT / folder).rglob("*.py")]
    found = [
        each for text in texts if "audit" in text for pattern in (RECORDED, NAMED) for each in pattern.findall(text)
    ]
    return {action for each in found for action in re.findall(r'"([a-z_]+\.[a-z_]+)"', each)}


def test_every_action_has_words() -> None:
    assert actions() - ACTIONS.keys() == set(), "say in tickets/organising/audit_words.py what they are called"
    assert len(actions()) > 25


def test_every_permission_and_scope_has_words_once() -> None:
    grouped = [permission for _, permissions in GROUPS for permission in permissions]
    assert sorted(grouped) == sorted(Permission)
    assert set(WORDS) == set(Permission)
    assert set(SCOPES) == set(Scope)
