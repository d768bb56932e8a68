"""Owns what is dropped at night: wrong passwords that no longer count, sessions and imports long over."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.organising import lockout
from tickets.organising.import_rows import PeopleImport
from tickets.organising.sessions import PersonSession

KEEP = timedelta(days=400)
"""Longer than any session lasts: the list of people says when somebody was last seen."""
KEEP_IMPORTS = timedelta(days=90)


def forget_old(session: Session, now: datetime) -> None:
    """Drop it; the caller commits."""
    lockout.forget_old(session, now=now)
    session.execute(sa.delete(PersonSession).where(PersonSession.seen_at < now - KEEP))
    session.execute(sa.delete(PeopleImport).where(PeopleImport.made_at < now - KEEP_IMPORTS))
