"""Who may send, attach and fetch files."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.cast import Cast
from tests.tickets.organisation import add_task, add_ticket
from tickets.access import Actor
from tickets.errors import NotFound
from tickets.file_store import FileStore
from tickets.files import (
    FileRefused,
    FileTooLarge,
    StoredFile,
    attach,
    known_file,
    readable_file,
    store_upload,
    sweep,
)


def send(cast: Cast, actor: Actor, *, name: str = "截图.png", content: bytes = b"\x89PNG\r\n\x1a\n") -> dict[str, Any]:
    return store_upload(cast.runtime, actor, name, io.BytesIO(content))


def give(
    cast: Cast, actor: Actor, ticket_id: int, *files: dict[str, Any], public: bool = False
) -> list[dict[str, Any]]:
    with cast.runtime.writing() as session, session.begin():
        return attach(session, actor, ticket_id, [file["id"] for file in files], public=public)


def readers(cast: Cast, file: dict[str, Any]) -> set[str]:
    found = set()
    for login in set(cast.people) - {"wufang"}:
        with cast.runtime.reading() as session:
            try:
                readable_file(session, cast.actor(login), UUID(file["id"]))
            except NotFound:
                continue
        found.add(login)
    return found


def test_an_upload_is_kept_under_a_safe_name_and_its_own_type(cast: Cast) -> None:
    file = send(cast, cast.zhoulan, name="../闪退.html")
    assert file == {"id": file["id"], "name": "闪退.html", "size": 8, "type": "image/png"}
    with cast.runtime.reading() as session:
        stored = readable_file(session, cast.zhoulan, UUID(file["id"]))
    with FileStore(cast.runtime.files_folder).open(stored.digest) as stream:
        assert stream.read() == b"\x89PNG\r\n\x1a\n"


def test_a_file_over_the_limit_or_empty_is_refused(cast: Cast) -> None:
    small = type(cast.runtime)(cast.runtime.database, cast.runtime.files_folder, cast.clock, max_file_bytes=1024**2)
    with pytest.raises(FileTooLarge) as caught:
        store_upload(small, cast.zhoulan, "大.mp4", io.BytesIO(b"x" * (1024**2 + 1)))
    assert "1 MB" in str(caught.value)
    with pytest.raises(FileRefused):
        send(cast, cast.zhoulan, content=b"")


def test_only_its_uploader_reads_a_file_that_no_ticket_has(cast: Cast) -> None:
    assert readers(cast, send(cast, cast.zhoulan)) == {"zhoulan"}


def test_a_ticket_s_file_is_read_by_whom_sees_the_ticket_and_by_its_requester_when_public(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan, owner=cast.wanglei)
    internal, public, sent = send(cast, cast.wanglei), send(cast, cast.wanglei), send(cast, cast.zhoulan)
    give(cast, cast.wanglei, ticket, internal)
    give(cast, cast.wanglei, ticket, public, public=True)
    give(cast, cast.zhoulan, ticket, sent)
    staff = {"wanglei", "lina", "zhangwei", "chenxiao", "admin", "guohao", "tangyan", "zhaomin"}
    assert readers(cast, internal) == staff
    assert readers(cast, public) == staff | {"zhoulan"}
    assert readers(cast, sent) == staff | {"zhoulan"}


def test_whoever_no_longer_sees_a_ticket_no_longer_reads_what_they_attached_to_it(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan)
    add_task(cast, ticket, assignee=cast.liutao)
    file = send(cast, cast.sunyue)
    give(cast, cast.sunyue, ticket, file, public=True)
    assert "sunyue" not in readers(cast, file)
    assert "liutao" in readers(cast, file)


def test_only_one_s_own_free_uploads_can_be_attached(cast: Cast) -> None:
    mine, other = add_ticket(cast, cast.zhoulan), add_ticket(cast, cast.sunyue)
    file, foreign = send(cast, cast.zhoulan), send(cast, cast.sunyue)
    for wanted in (foreign, {"id": str(uuid4())}, {"id": "x"}, {"id": "\0"}):
        with pytest.raises(FileRefused):
            give(cast, cast.zhoulan, mine, wanted)
    assert give(cast, cast.zhoulan, mine, file) == [file]
    with pytest.raises(FileRefused):
        give(cast, cast.zhoulan, other, file)
    with pytest.raises(FileRefused):
        give(cast, cast.zhoulan, 10**9, send(cast, cast.zhoulan))


def test_a_file_a_ticket_has_can_be_sent_again_with_its_next_form_and_stays_public(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan)
    first, second = send(cast, cast.zhoulan, name="1.png"), send(cast, cast.lina, name="2.png")
    give(cast, cast.zhoulan, ticket, first, public=True)
    assert [file["name"] for file in give(cast, cast.lina, ticket, second, first)] == ["2.png", "1.png"]
    assert "zhoulan" in readers(cast, first)
    with cast.runtime.writing() as session:
        assert attach(session, None, ticket, []) == []


def test_a_file_takes_the_brand_of_its_ticket(cast: Cast) -> None:
    ticket, file = add_ticket(cast, cast.huangyi), send(cast, cast.lina)
    give(cast, cast.lina, ticket, file)
    with cast.runtime.reading() as session:
        assert session.scalars(sa.select(StoredFile.brand_id)).one() == cast.places["kapok"]


def test_a_form_may_be_sent_with_files_its_sender_reads(cast: Cast) -> None:
    file = send(cast, cast.zhoulan)
    with cast.runtime.reading() as session:
        assert known_file(session, cast.zhoulan, file["id"]) == file
        assert known_file(session, cast.sunyue, file["id"]) is None
        assert known_file(session, cast.zhoulan, "no id") is None


def test_a_sweep_takes_abandoned_uploads_and_keeps_what_tickets_have(cast: Cast) -> None:
    ticket = add_ticket(cast, cast.zhoulan)
    attached, abandoned = send(cast, cast.zhoulan, content=b"attached"), send(cast, cast.zhoulan, content=b"abandoned")
    give(cast, cast.zhoulan, ticket, attached)
    cast.clock.advance(timedelta(days=400))  # beyond the real clock, which dates the bytes
    recent = send(cast, cast.zhoulan, content=b"recent")
    swept = sweep(cast.runtime, timedelta(days=30))
    assert (swept.rows, swept.contents) == (1, 1)
    with cast.runtime.reading() as session:
        kept = {str(file.public_id): file.digest for file in session.scalars(sa.select(StoredFile))}
    assert set(kept) == {attached["id"], recent["id"]}
    assert abandoned["id"] not in kept
    assert digests(cast.runtime.files_folder) == set(kept.values())


def digests(folder: Path) -> set[str]:
    return {path.name for path in (folder / "sha256").glob("??/??/*")}
