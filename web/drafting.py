"""Owns keeping what was typed into a task's form as the task's draft, so that no other button of the page loses it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from tickets import tasks
from tickets.errors import DomainError
from web import filled
from web.context import me, read_again, runtime


def keep(task_id: UUID, entered: Mapping[str, Any]) -> None:
    """What was entered, as a draft with its files: whoever leaves the page finds it again. What is too much is left."""
    with suppress(DomainError):
        tasks.save_draft(runtime(), me(), task_id, entered)


def keep_typed(task_id: UUID) -> None:
    """The task's form as this request sent it along, unless nothing of it differs from what the page had shown."""
    if not filled.is_sent():
        return
    with suppress(DomainError):
        wanted, posted = tasks.task_form(runtime(), read_again(), me(), task_id), filled.Posted()
        entered = posted(wanted.form, wanted.data).entered
        before = filled.shown(wanted.form, wanted.data, values=wanted.draft)
        if filled.shown(wanted.form, wanted.data, values=entered) != before:
            keep(task_id, entered)
