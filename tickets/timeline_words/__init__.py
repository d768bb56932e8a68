"""The timeline's words: for each kind of event its templates, the one that says most first."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.timeline_words.letters import LETTERS
from tickets.timeline_words.process import PROCESS
from tickets.timeline_words.standards import STANDARDS
from tickets.timeline_words.tasks import TASKS
from tickets.timeline_words.ticket import TICKET

__all__ = ["WORDING"]

WORDING: Mapping[str, tuple[str, ...]] = {**TICKET, **TASKS, **LETTERS, **PROCESS, **STANDARDS}
"""The first template whose names are all known words the event, so an old or sparse row still reads well.

`who` is the actor, `requester` whom they acted for. In an event's `params`: a plain text; a list of texts; a person's
id under `<name>_id` (`to_id`); other languages of a text under `<name>_names` (`task_names`: {"zh": …, "en": …});
statuses or priorities as `from` and `to`; a moment as ISO 8601 under `<name>_at` (`until_at`), given as a datetime;
and a message's parameters under `reason_params`.
"""
