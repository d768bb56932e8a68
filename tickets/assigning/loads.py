"""Owns how loaded a person is: their open tasks by priority, and the open tickets they answer for by theirs."""

from __future__ import annotations

import sqlalchemy as sa

from engine.models import UserTask
from tickets.ticket import OPEN, Priority, Ticket

WEIGHTS = {Priority.URGENT: 100, Priority.HIGH: 75, Priority.NORMAL: 50, Priority.LOW: 25}
"""As a task's priority, of which 50 is ordinary."""

_OPEN_TASK = UserTask.status == sa.literal_column("'open'")
_OPEN_TICKET = Ticket.status.in_(sorted(status.value for status in OPEN))


def load_of(person_id: sa.SQLColumnExpression[int], queue_key: sa.SQLColumnExpression[int]) -> sa.ColumnElement[int]:
    """What is open with a person, in fiftieths of an ordinary task, as a column of a query that has their own queue.

    Tasks are found through the index of open ones by queue: what a person holds waits in their own queue.
    """
    weight = sa.case(
        *((Ticket.priority == sa.literal_column(f"'{one.value}'"), weight) for one, weight in WEIGHTS.items()), else_=50
    )
    owned = sa.select(sa.func.coalesce(sa.func.sum(weight), 0)).where(Ticket.owner_id == person_id, _OPEN_TICKET)
    tasks = sa.select(sa.func.coalesce(sa.func.sum(UserTask.priority), 0)).where(
        UserTask.queue_key == queue_key, _OPEN_TASK
    )
    return tasks.correlate_except(UserTask).scalar_subquery() + owned.correlate_except(Ticket).scalar_subquery()
