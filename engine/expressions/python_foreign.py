"""What scripts of other engines call: Python's modules and SpiffArena's functions, as ours or with what to write."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from engine.expressions.problems import N_

SAME: Mapping[str, str] = {
    "datetime.date": "date",
    "datetime.datetime": "datetime",
    "datetime.timedelta": "timedelta",
    "datetime.now": "now",
    "datetime.datetime.now": "now",
    "datetime.today": "now",
    "datetime.datetime.today": "now",
    "date.today": "today",
    "datetime.date.today": "today",
}
"""Our functions by the names they have in Python's modules; none of these is a method of any value."""

MODULES: Mapping[str, str] = {
    **dict.fromkeys(
        ("datetime", "time", "dateutil", "dateparser", "pytz", "zoneinfo", "calendar"),
        N_('Write now(), today(), date("2026-01-31"), datetime(…), timedelta(days=3) or duration("P1M").'),
    ),
    "json": N_("Use the object as it is; it needs no conversion."),
    **dict.fromkeys(("math", "decimal", "statistics"), N_("Write it with + - * / ** and round, sum, min, max.")),
    "re": N_("Write it with in, startswith, endswith, find or split."),
    **dict.fromkeys(("random", "uuid", "secrets"), N_("Write ticket.number for what is different in each ticket.")),
    **dict.fromkeys(
        ("os", "sys", "subprocess", "requests", "http", "urllib"), N_("Ask the other system in a service task.")
    ),
}
"""What to write instead of what a module holds."""

INSTEAD: Mapping[str, str] = {
    "time.sleep": N_("Draw a timer event where the ticket has to wait."),
    "print": N_("Remove the line; set a variable to keep the value."),
    "set": N_("Write a list; in { } is fine after in."),
    "isinstance": N_("Compare the value itself, or let a form say what it may be."),
    **dict.fromkeys(
        ("get_process_initiator_user", "get_last_user_completing_task", "get_current_user"),
        N_("Write requester; who does a task is said by its assignee."),
    ),
    "get_group_members": N_("Name the role in the lane or in the task's candidates."),
    **dict.fromkeys(
        ("get_toplevel_process_info", "get_current_task_info", "get_frontend_url"), N_("Write ticket.number.")
    ),
}


def dotted(tree: ast.expr) -> str:
    """A name, or names joined by points, as written; empty for all else."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        owner = dotted(tree.value)
        return f"{owner}.{tree.attr}" if owner else ""
    return ""


def instead_of(name: str) -> str | None:
    """What to write instead of a dotted name that is not ours."""
    return INSTEAD.get(name) or (MODULES.get(name.partition(".")[0]) if "." in name else None)
