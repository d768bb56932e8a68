"""Owns that no task is completed without its evidence: what was given is looked at, what is missing is named.

`check` is asked before a completion is planned, `require` by `tickets.apply` in the transaction that writes it, so that
no way of completing a task leads past it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.claims import Kind, hold
from engine.expressions import N_, Message
from engine.models import UserTask
from forms import Form, Submission
from forms.evidence import count_of, missing
from forms.fields import EvidenceKind, Field, Group, ListField
from forms.locations import taken_at
from tickets.access import Actor
from tickets.case import Case
from tickets.cause import UserTaskFacts
from tickets.errors import FormInvalid
from tickets.evidence.given import Given, file_ids, files_of, given_in
from tickets.evidence.wanted import CONFIRMATION, is_mandatory, wanted_of
from tickets.files import NO_PICTURE, StoredFile
from tickets.runtime import Runtime
from tickets.standards.tables import Confirmation
from tickets.standards.waiving.effect import is_waived
from tickets.types import EMPTY_FORM, form_of

Errors = dict[str, Message]
"""What is wrong, by the path of the field; what no field shows is under `CONFIRMATION` or the name of its kind."""


class EvidenceMissing(FormInvalid):
    """The step can't be completed: its evidence is not there, or proves nothing. The message says all that is missing.

    `lacking`: that alone; `submission.errors` has what else is wrong with the form as well.
    """

    def __init__(self, submission: Submission, lacking: Errors) -> None:
        super().__init__(submission)
        self.lacking = lacking
        what, *further = lacking.values()
        for each in further:
            what = Message(N_("%(one)s; %(other)s"), {"one": what, "other": each})
        self.message = Message(N_("This step needs its evidence: %(what)s."), {"what": what})
        self.args = (str(self.message),)


@dataclass(frozen=True, slots=True)
class Step:
    """The task whose evidence is looked at, who completes it, and the zone its photos' times are read in."""

    task: UserTaskFacts
    doer_id: int | None
    zone: ZoneInfo

    @classmethod
    def of(cls, case: Case, task: UserTaskFacts, doer: Actor | None) -> Step:
        return cls(task, doer.person_id if doer is not None else None, case.site.zone)


def check(runtime: Runtime, step: Step, form: Form, submission: Submission) -> None:
    """Raises EvidenceMissing with what was typed, if the completion may not be; all that is wrong is said at once.

    In a session of its own: one that was opened before the form was read does not see the files that came with it.
    """
    lacking: Errors = {}
    if not submission.edited and _concerns(step, form, submission.values):
        with runtime.looking() as session:
            known = _wrong_kinds(form.fields, {_INDEX.sub("", path) for path in submission.errors})
            lacking = _errors(session, step, form, submission.values, known=known)
    if lacking:
        raise EvidenceMissing(replace(submission, errors={**submission.errors, **lacking}), lacking)


_INDEX = re.compile(r"\[[0-9]+\]")


def _wrong_kinds(fields: Sequence[Field], wrong: Collection[str], path: str = "") -> set[str]:
    """The kinds of evidence whose field is wrong by itself: what it lacks is said there."""
    found: set[str] = set()
    for field in fields:
        here = f"{path}{field.key}"
        if field.evidence is not None and any(each == here or each.startswith(f"{here}.") for each in wrong):
            found.add(field.evidence.kind)
        if isinstance(field, Group | ListField):
            found |= _wrong_kinds(field.fields, wrong, path if isinstance(field, Group) else f"{here}.")
    return found


def _concerns(step: Step, form: Form, values: Mapping[str, Any]) -> bool:
    return bool(wanted_of(step.task.settings) or given_in(form, values))


def require(session: Session, step: Step, values: Mapping[str, Any]) -> None:
    """The same for values as they are written, whoever brought them; and marks the files that are evidence from now on.

    Costs nothing where the task has no form and asks for nothing. Raises EvidenceMissing.
    """
    form = form_of(session, step.task.form_digest) if step.task.form_digest else EMPTY_FORM
    _hold_photos(session, given_in(form, values))
    if errors := _errors(session, step, form, values):
        raise EvidenceMissing(Submission(dict(values), errors, dict(values)), errors)
    ids = [ident for given in given_in(form, values) for ident in file_ids(given)]
    if ids:
        mine = sa.update(StoredFile).where(StoredFile.public_id.in_(ids), StoredFile.task_id.is_(None))
        session.connection().execute(mine.values(task_id=step.task.id))


def _hold_photos(session: Session, given: Sequence[Given]) -> None:
    """Who brings the same photo to another step at this moment waits for the commit, and then finds it used.

    Contents are held in one order, so that two with several in common don't wait for each other.
    """
    photos = [each for each in given if each.kind is EvidenceKind.PHOTO]
    for digest in sorted({file.digest for file in files_of(session, photos).values()}):
        hold(session, Kind.PHOTOS, int(digest[:12], 16))


def _errors(
    session: Session, step: Step, form: Form, values: Mapping[str, Any], *, known: Collection[str] = ()
) -> Errors:
    """`known`: the kinds of which it has been said already that they are not all there."""
    given, wanted = given_in(form, values), wanted_of(step.task.settings)
    if not given and not wanted:
        return {}
    files = files_of(session, given)
    errors = _photos(session, step, given, files) | _locations(session, step, given)
    if wanted and is_mandatory(step.task.settings) and not is_waived(session, step.task.id):
        for kind, least in wanted.items():
            if kind in known:
                continue
            count = _count(session, step, kind, given, files)
            if count < least:
                errors.setdefault(_where(kind, given), missing(kind, least, count))
    return errors


def _photos(session: Session, step: Step, given: Sequence[Given], files: Mapping[str, StoredFile]) -> Errors:
    """What is wrong with photos: broken, sent twice, used before, taken before the step."""
    errors: Errors = {}
    photos = [
        (each, files[ident])
        for each in given
        if each.kind is EvidenceKind.PHOTO
        for ident in map(str, file_ids(each))
        if ident in files
    ]
    if not photos:
        return errors
    used, opened_at = _used_before(session, step, {file.digest for _, file in photos}), _opened_at(session, step)
    seen: dict[str, StoredFile] = {}
    for each, file in photos:
        error = _photo(step, each, file, opened_at, used=file.digest in used, twin=seen.get(file.digest))
        seen.setdefault(file.digest, file)
        if error is not None:
            errors.setdefault(each.path, error)
    return errors


def _photo(
    step: Step, given: Given, file: StoredFile, opened_at: datetime, *, used: bool, twin: StoredFile | None
) -> Message | None:
    if file.taken is None or file.taken == NO_PICTURE:
        return Message(
            N_("“%(name)s” can't be read as a picture; take it again, or send it as JPEG"), {"name": file.name}
        )
    if twin is not None:
        return Message(
            N_("“%(name)s” is the same photo as “%(other)s”; take another"), {"name": file.name, "other": twin.name}
        )
    if used:
        return Message(N_("“%(name)s” was evidence of another step before; take a new photo"), {"name": file.name})
    taken = photo_time(file.taken, file.uploaded_at, step.zone)
    after = given.field.evidence is not None and given.field.evidence.after_opened
    if after and taken < opened_at.replace(microsecond=0):
        params = {"name": file.name, "taken": taken, "opened": opened_at}
        return Message(
            N_("“%(name)s” was taken at %(taken)s, before this step began at %(opened)s; take a new photo"), params
        )
    return None


def photo_time(taken: str, uploaded_at: datetime, zone: ZoneInfo) -> datetime:
    """When a photo was taken: as it says (without an offset in the place's zone), never later than it was uploaded."""
    if not taken or taken == NO_PICTURE:
        return uploaded_at
    moment = datetime.fromisoformat(taken)
    try:
        said = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return min(said.astimezone(uploaded_at.tzinfo), uploaded_at)
    except OverflowError:
        return uploaded_at


def _used_before(session: Session, step: Step, digests: set[str]) -> set[str]:
    """Those of these contents that are evidence of another step than this one, here or on another ticket."""
    mine = sa.select(UserTask.instance_id).where(UserTask.id == step.task.id).scalar_subquery()
    query = (
        sa.select(StoredFile.digest)
        .join(UserTask, UserTask.id == StoredFile.task_id)
        .where(
            StoredFile.digest.in_(sorted(digests)),
            sa.or_(UserTask.instance_id != mine, UserTask.element != step.task.element),
        )
    )
    return set(session.scalars(query))


def _locations(session: Session, step: Step, given: Sequence[Given]) -> Errors:
    errors: Errors = {}
    dated = [
        (each, taken)
        for each in given
        if each.field.evidence is not None
        and each.field.evidence.after_opened
        and (taken := taken_at(each.value)) is not None
    ]
    if not dated:
        return errors
    opened_at = _opened_at(session, step)
    for each, taken in dated:
        if taken + SLACK < opened_at:
            text = N_("The location was taken at %(taken)s, before this step began at %(opened)s; take it again")
            errors[each.path] = Message(text, {"taken": taken, "opened": opened_at})
    return errors


SLACK = timedelta(minutes=1)
"""So far a device's clock may be behind ours."""


def _opened_at(session: Session, step: Step) -> datetime:
    return session.scalars(sa.select(UserTask.opened_at).where(UserTask.id == step.task.id)).one()


def _count(session: Session, step: Step, kind: str, given: Sequence[Given], files: Mapping[str, StoredFile]) -> int:
    if kind == CONFIRMATION:
        return len(confirmed_by(session, step.task.id) - {step.doer_id})
    fitting = [each for each in given if each.kind == kind]
    if kind in (EvidenceKind.PHOTO, EvidenceKind.FILE):
        held = Counter(files[str(ident)].digest for each in fitting for ident in file_ids(each) if str(ident) in files)
        return len(held)
    return sum(count_of(each.field, each.value) for each in fitting)


def confirmed_by(session: Session, task_id: int) -> set[int | None]:
    """The people who have confirmed a task."""
    return set(session.scalars(sa.select(Confirmation.person_id).where(Confirmation.task_id == task_id)))


def _where(kind: str, given: Sequence[Given]) -> str:
    """The field that says what is missing; the kind's own name where none of it is shown."""
    return next((each.path for each in given if each.kind == kind), kind)
