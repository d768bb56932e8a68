"""Owns what a notice says: the event as the timeline words it, or the task that now is somebody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.expressions import N_, Message
from tickets.event_words import worded
from tickets.notices.addressing import YOU, to_reader
from tickets.notices.folding import OTHERS
from tickets.notices.table import Part
from tickets.timeline import EventKind, TimelineEvent

TASK: Mapping[str, str] = {
    Part.WORK: N_("“%(task)s” is yours to do"),
    Part.ROLE: N_("“%(task)s” waits for one of you"),
}


AFTER = N_("%(who)s has done “%(done)s”; “%(task)s” is yours to do")
"""Where the step before is no secret to whoever asked for the ticket: they are told that they were answered."""
_MORE = N_("%(told)s. With it came %(others)s more of what was theirs")


def words(
    part: str,
    params: Mapping[str, Any],
    event: TimelineEvent,
    names: Mapping[int, str],
    *,
    reader_id: int | None,
    language: str,
) -> Message:
    """For one who is told as `part`, whom it calls “you”; none: a channel. `names` are people's by id."""
    if part in TASK and "task" in params:
        task = {"task": _named(params, language)}
        who = names.get(event.actor_id or 0)
        if part == Part.WORK and event.kind == EventKind.COMPLETED and event.public and who:
            return Message(AFTER, {"who": who, "done": _named(event.params, language), **task})
        return Message(TASK[part], task)
    told = to_reader(worded(event, {**names, reader_id: YOU} if reader_id else names, language=language))
    return Message(_MORE, {"told": told, OTHERS: params[OTHERS]}) if params.get(OTHERS) else told


def _named(params: Mapping[str, Any], language: str) -> str:
    """What a task is called in that language."""
    return str(params.get("task_names", {}).get(language) or params.get("task", ""))
