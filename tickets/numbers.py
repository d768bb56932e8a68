"""Owns ticket numbers: one sequence per installation; a number once given is never given again, gaps are allowed."""

from __future__ import annotations

import sqlalchemy as sa

from tickets.inserts import insert_unless_there
from tickets.runtime import Runtime
from tickets.ticket import NumberSequence

FIRST = 1001
_NAME = "ticket"


def next_number(runtime: Runtime, prefix: str) -> str:
    """The next number, such as CR-1001, in a transaction of its own, so that filing holds no lock meanwhile."""
    with runtime.writing() as session, session.begin():
        value = session.connection().execute(_NEXT).scalar()
        if value is None:
            insert_unless_there(session, NumberSequence, name=_NAME, value=FIRST - 1)
            value = session.connection().execute(_NEXT).scalar_one()
    return f"{prefix}-{value}"


_NEXT = (
    sa.update(NumberSequence)
    .where(NumberSequence.name == _NAME)
    .values(value=NumberSequence.value + 1)
    .returning(NumberSequence.value)
)
