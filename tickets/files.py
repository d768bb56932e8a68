"""Owns files: bytes in a content-addressed store outside the web root, and who may fetch them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from engine.expressions import N_, Message
from engine.models import UserTask
from forms.files import UploadRefused
from forms.views import PICTURES
from tickets.access import Actor, Permission, inside_tickets, overseen_tickets, visible_tickets
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.file_store import FileStore, Put, Readable, TooLarge
from tickets.file_types import file_name, type_of
from tickets.runtime import Runtime
from tickets.ticket import Ticket


class StoredFile(Base):
    """One uploaded file, its bytes found by `digest` (sha-256); only its uploader sees it until `ticket_id` is set."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[datetime]
    public: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    taken: Mapped[str | None] = mapped_column(sa.String(40))
    """Of a picture, when it was taken as it says itself (ISO 8601, "" if it does not): NO_PICTURE if it is none."""
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_task.id"))
    """The task that it is evidence of."""

    @property
    def is_picture(self) -> bool:
        """Whether browsers may show it: by its bytes it is of a kind made of pixels alone, and it could be read."""
        return self.content_type in PICTURES and self.taken != NO_PICTURE


NO_PICTURE = "-"
MOST_PICTURE_BYTES = 64 * 1024 * 1024


class FileRefused(Invalid, UploadRefused):
    """The file can't be taken; the message says why and what to do."""


class FileTooLarge(FileRefused):
    """The file is over the limit (413); no more of it was read."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows of files that no ticket has, and how many contents that no row has, were removed."""

    rows: int
    contents: int


def store_upload(
    runtime: Runtime, actor: Actor, filename: str | None, stream: Readable, *, ticket_id: int | None = None
) -> dict[str, Any]:
    """Keep an upload: {"id", "name", "size", "type"}, its uploader's alone until a ticket has it.

    Raises FileRefused when it is empty or over `runtime.max_file_bytes`, Busy when too many pictures are looked at just
    now. Bytes whose row then fails are swept later.
    """
    name = file_name(filename or "")
    put = _put(runtime, name, stream)
    kind = type_of(put.head)
    file = StoredFile(
        brand_id=actor.brand_id,
        uploaded_by_id=actor.person_id,
        uploaded_at=runtime.clock.now(),
        name=name,
        content_type=kind,
        size=put.size,
        digest=put.digest,
        taken=_looked_at(runtime, put.digest, put.size) if kind in PICTURES else None,
    )
    with runtime.writing() as session, session.begin():
        session.add(file)
        session.flush()
        if ticket_id is not None:
            attach(session, actor, ticket_id, [file.public_id])
    return facts(file)


def facts(file: StoredFile) -> dict[str, Any]:
    """What a form's values hold of a file: its public "id", "name", "size" in bytes and "type"."""
    return {"id": str(file.public_id), "name": file.name, "size": file.size, "type": file.content_type}


def attach(
    session: Session, actor: Actor | None, ticket_id: int, files: Sequence[uuid.UUID | str], *, public: bool = False
) -> list[dict[str, Any]]:
    """Give files to a ticket, in the caller's transaction; gives their facts, in order.

    The actor's own uploads that no ticket has yet, or files it has already. `public`: the requester sees them.
    Raises FileRefused for any other.
    """
    wanted = [_uuid(each) for each in files]
    rows = session.scalars(sa.select(StoredFile).where(StoredFile.public_id.in_(wanted)).with_for_update())
    known = {row.public_id: row for row in rows}
    brand_id = session.scalar(sa.select(Ticket.brand_id).where(Ticket.id == ticket_id)) if known else None
    return [facts(_attached(known.get(each), actor, ticket_id, brand_id, public=public)) for each in wanted]


def readable_file(session: Session, actor: Actor, public_id: uuid.UUID, *, small: bool = False) -> StoredFile:
    """Their own upload until a ticket has it, then a file of a ticket they see: the requester only its public ones.

    A photo that is evidence is for those who work on its ticket and those who may see originals; others see it `small`.
    Raises NotFound, Forbidden.
    """
    mine = StoredFile.uploaded_by_id == actor.person_id
    on_ticket = sa.and_(visible_tickets(actor), sa.or_(mine, StoredFile.public, inside_tickets(actor)))
    found = session.execute(
        sa.select(StoredFile, sa.case((_guarded(), _sees_originals(actor, mine)), else_=sa.true()))
        .outerjoin(Ticket, Ticket.id == StoredFile.ticket_id)
        .where(
            StoredFile.public_id == public_id,
            sa.case((StoredFile.ticket_id.is_(None), mine), else_=on_ticket),
        )
    ).first()
    if found is None:
        raise NotFound(N_("This file"))
    file: StoredFile = found[0]
    original: bool = found[1]
    if not (original or small):
        raise Forbidden(Message(_SMALL_ONLY))
    return file


_SMALL_ONLY = N_(
    "You see this photo small. As it was taken it is for those who work on its ticket and for roles that may see "
    "original photos; ask an administrator."
)


def _guarded() -> sa.ColumnElement[bool]:
    return sa.and_(StoredFile.task_id.is_not(None), StoredFile.content_type.in_(sorted(PICTURES)))


def _sees_originals(actor: Actor, mine: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """On a query of StoredFile and Ticket: it is their photo, their ticket or task, or their role lets them."""
    theirs = sa.exists().where(UserTask.instance_id == Ticket.instance_id, UserTask.assignee_id == actor.person_id)
    owns = Ticket.owner_id == actor.person_id
    return sa.or_(mine, owns, overseen_tickets(actor, Permission.SEE_ORIGINALS), theirs.correlate(Ticket))


def thumbnail_of(runtime: Runtime, session: Session, actor: Actor, public_id: uuid.UUID) -> tuple[bytes, str]:
    """A picture that they see, small, as WebP, and its content's digest. Raises NotFound where it can't be shown."""
    file = readable_file(session, actor, public_id, small=True)
    store = FileStore(runtime.files_folder)
    kept = store.thumbnail(file.digest) if file.content_type in PICTURES else b""
    if kept is None:
        _looked_at(runtime, file.digest, file.size)
        kept = store.thumbnail(file.digest)
    if not kept:
        raise NotFound(N_("This picture"))
    return kept, file.digest


def _looked_at(runtime: Runtime, digest: str, size: int) -> str:
    """When a picture was taken, as it says; its thumbnail is kept. NO_PICTURE if it is none. Raises Busy."""
    store = FileStore(runtime.files_folder)
    if size > MOST_PICTURE_BYTES:
        return NO_PICTURE
    try:
        with store.open(digest) as content:
            picture = runtime.pictures(content.read())
    except FileNotFoundError:
        raise NotFound(N_("This picture")) from None
    store.keep_thumbnail(digest, picture.thumbnail)
    return picture.taken if picture.thumbnail else NO_PICTURE


def known_file(session: Session, actor: Actor, public_id: str) -> dict[str, Any] | None:
    """The facts of a file that a form may be sent with: one of their uploads, or of a ticket they see."""
    try:
        return facts(readable_file(session, actor, _uuid(public_id), small=True))
    except (NotFound, FileRefused):
        return None


def sweep(runtime: Runtime, older_than: timedelta) -> Swept:
    """Remove uploads that no ticket got within `older_than` (an hour at least), then contents that no file has."""
    before = runtime.clock.now() - max(older_than, timedelta(hours=1))
    with runtime.writing() as session, session.begin():
        abandoned = sa.delete(StoredFile).where(StoredFile.ticket_id.is_(None), StoredFile.uploaded_at < before)
        rows = len(session.scalars(abandoned.returning(StoredFile.id)).all())

    def used(digests: Sequence[str]) -> set[str]:
        with runtime.reading() as session:
            return set(session.scalars(sa.select(StoredFile.digest).where(StoredFile.digest.in_(digests))))

    return Swept(rows=rows, contents=FileStore(runtime.files_folder).sweep(before.timestamp(), used))


def _put(runtime: Runtime, name: str, stream: Readable) -> Put:
    try:
        put = FileStore(runtime.files_folder).put(stream, limit=runtime.max_file_bytes)
    except TooLarge:
        params = {"name": name, "limit": runtime.max_file_bytes // (1024 * 1024)}
        text = N_("“%(name)s” is larger than %(limit)s MB; send a smaller file, or a link to it.")
        raise FileTooLarge(Message(text, params)) from None
    if not put.size:
        raise FileRefused(Message(N_("“%(name)s” is empty; choose the file again."), {"name": name}))
    return put


def _attached(
    file: StoredFile | None, actor: Actor | None, ticket_id: int, brand_id: int | None, *, public: bool
) -> StoredFile:
    fresh = file is not None and file.ticket_id is None and actor is not None and file.uploaded_by_id == actor.person_id
    if file is None or brand_id is None or not (fresh or file.ticket_id == ticket_id):
        raise _unknown()
    file.ticket_id, file.brand_id, file.public = ticket_id, brand_id, file.public or public
    return file


def _uuid(given: uuid.UUID | str) -> uuid.UUID:
    try:
        return given if isinstance(given, uuid.UUID) else uuid.UUID(given)
    except ValueError:
        raise _unknown() from None


def _unknown() -> FileRefused:
    return FileRefused(Message(N_("A file you attached is no longer here; upload it again.")))
