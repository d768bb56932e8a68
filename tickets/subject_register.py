"""Owns keeping subjects: created and changed by API, page or import, with what follows from a contract's end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.jobs import Request, enqueue_all
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Conflict, Forbidden
from tickets.permissions import Permission
from tickets.runtime import Runtime
from tickets.standards import ordering
from tickets.subject_directory import Directory, Resolved
from tickets.subject_facts import read_readable
from tickets.subjects import Subject, SubjectKind

Outcome = TypeVar("Outcome")
CONTRACT_JOB = "subject.contract"
"""Its args: `subject_id`, `contract_end` and `previous` (ISO dates or None), `changed_at` (ISO moment)."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one subject; neither `created` nor `changed` when it was so already."""

    public_id: UUID
    kind: str
    external_id: str
    created: bool
    changed: bool


def put_subject(runtime: Runtime, actor: Actor, kind: str, external_id: str, values: Mapping[str, object]) -> Saved:
    """Create or change the subject that another system knows by `external_id`; `values` are subject_facts.FIELDS.

    What is not among the values stays as it was, null clears. Raises Forbidden, SubjectInvalid with all that is wrong.
    """
    check_may_keep(actor)
    facts, unread = read_readable(kind, external_id, values)

    def attempt() -> Saved:
        with runtime.writing() as session, session.begin():
            resolved = Directory(session, actor, [facts]).resolve(facts, unread)
            return save(session, actor, [resolved], runtime.clock.now())[0]

    return again_if_met(attempt)


def check_may_keep(actor: Actor) -> None:
    """Raises Forbidden for those who may not create or change subjects anywhere."""
    if not actor.may(Permission.EDIT_SUBJECTS):
        raise Forbidden(Message(N_("Your roles don't let you create or change subjects; ask the head of your campus.")))


def again_if_met(attempt: Callable[[], Outcome]) -> Outcome:
    """Try a transaction again when somebody else created the same subject meanwhile: now it is there to change."""
    try:
        return attempt()
    except IntegrityError:
        pass
    try:
        return attempt()
    except IntegrityError:
        raise Conflict(Message(N_("Somebody else is saving the same subjects; try again in a moment."))) from None


def save(session: Session, actor: Actor | None, batch: Sequence[Resolved], now: datetime) -> list[Saved]:
    """Write what is new or different, its audit entries and its jobs into the caller's transaction."""
    changes = [_change(session, resolved, now) for resolved in batch]
    session.flush()
    told = [
        _told(subject, before.get("contract_end"), now)
        for subject, before, after in changes
        if subject.kind == SubjectKind.STUDENT and before.get("contract_end") != after.get("contract_end")
    ]
    enqueue_all(session, CONTRACT_JOB, told, run_at=now)
    ordering.follow_subjects(session, [(subject.id, subject.kind) for subject, _, after in changes if after], now)
    for subject, before, after in changes:
        if after:
            _audit(session, actor, subject, before, after, now)
    return [
        Saved(subject.public_id, subject.kind, subject.external_id, bool(after and not before), bool(before))
        for subject, before, after in changes
    ]


Change = tuple[Subject, dict[str, Any], dict[str, Any]]
"""A subject and what differs, before and after, as plain JSON; `before` is empty for a new one, both for no change."""


def _change(session: Session, resolved: Resolved, now: datetime) -> Change:
    facts, subject = resolved.facts, resolved.existing
    wanted: dict[str, Any] = {"place_id": resolved.place.id}
    wanted |= {name: getattr(facts, name) for name in ("name", "contract_end", "attributes") if name in facts.given}
    if "responsible" in facts.given:
        wanted["responsible_id"] = resolved.responsible.id if resolved.responsible else None
    if subject is None:
        subject = Subject(
            brand_id=resolved.place.brand_id,
            kind=facts.kind,
            external_id=facts.external_id,
            created_at=now,
            updated_at=now,
            **({"attributes": {}} | wanted),
        )
        session.add(subject)
        return subject, {}, {name: _plain(value) for name, value in wanted.items()}
    different = {name: value for name, value in wanted.items() if getattr(subject, name) != value}
    before = {name: _plain(getattr(subject, name)) for name in different}
    for name, value in different.items():
        setattr(subject, name, value)
    if different:
        subject.updated_at = now
    return subject, before, {name: _plain(value) for name, value in different.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _audit(
    session: Session,
    actor: Actor | None,
    subject: Subject,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> None:
    audit.record(
        session,
        actor,
        "subject.changed" if before else "subject.created",
        f"{subject.kind} {subject.external_id}",
        brand_id=subject.brand_id,
        at=now,
        before=before,
        after=after,
    )


def _told(subject: Subject, previous: str | None, now: datetime) -> Request:
    end = _plain(subject.contract_end)
    # The moment belongs to the key: a date put back after a slip is a change like any other.
    args = {"subject_id": subject.id, "contract_end": end, "previous": previous, "changed_at": now.isoformat()}
    return Request(args, f"{CONTRACT_JOB}:{subject.id}:{end}:{previous}:{args['changed_at']}")
