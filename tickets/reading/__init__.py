"""Reads one ticket for one reader: everything its page shows, in plain frozen values, in a handful of statements."""

from tickets.reading.events import Attachment, EventView
from tickets.reading.page import TicketPage, ticket_page, ticket_version
from tickets.reading.people import Who
from tickets.reading.progress import Diagram, IncidentView, Step, StepState
from tickets.reading.solution import Solution
from tickets.reading.task_views import TaskView
from tickets.reading.work import Answers

__all__ = [
    "Answers",
    "Attachment",
    "Diagram",
    "EventView",
    "IncidentView",
    "Solution",
    "Step",
    "StepState",
    "TaskView",
    "TicketPage",
    "Who",
    "ticket_page",
    "ticket_version",
]
