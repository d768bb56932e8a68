"""The API under /api/v1: one module per resource; tokens, bodies, problems and the description hold for all."""

from web.api import (
    checks,
    copies,
    definitions,
    events,
    evidence,
    families,
    matrix,
    messages,
    moves,
    people,
    publications,
    signals,
    standards,
    subjects,
    task_verbs,
    tasks,
    ticket_lists,
    ticket_types,
    tickets,
    version_moves,
    waivers,
)
from web.api.entrance import api as blueprint
from web.api.openapi import describe

blueprint.record_once(describe)

__all__ = [
    "blueprint",
    "checks",
    "copies",
    "definitions",
    "events",
    "evidence",
    "families",
    "matrix",
    "messages",
    "moves",
    "people",
    "publications",
    "signals",
    "standards",
    "subjects",
    "task_verbs",
    "tasks",
    "ticket_lists",
    "ticket_types",
    "tickets",
    "version_moves",
    "waivers",
]
