"""A backup is made while others work, holds one moment of the database with its files, and comes back whole or not."""

from __future__ import annotations

import io
import re
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.database import create_engine
from engine.models import ProcessInstance, UserTask
from tests.tickets.play import Play
from tickets.file_store import FileStore
from tickets.files import StoredFile, store_upload
from tickets.operating.pulse import Heart, Pulse
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent
from web.backup import archive
from web.backup.archive import Damaged
from web.backup.restoring import Refused, restore
from web.backup.saving import Saved, save
from web.cli import main

TASK = '<userTask id="look" name="看看"/>'


@pytest.fixture
def worked(play: Play) -> Play:
    """A desk with tickets, tasks that are done, letters to be sent, files and a search."""
    play.define(
        '<startEvent id="begin"/>', TASK, '<endEvent id="end"/>',
        '<sequenceFlow id="f1" sourceRef="begin" targetRef="look"/>',
        '<sequenceFlow id="f2" sourceRef="look" targetRef="end"/>',
    )  # fmt: skip
    for number in range(3):
        play.file("zhoulan")
        upload(play, f"第 {number} 个文件".encode() * 1000)
    play.settle()
    return play


def upload(play: Play, content: bytes) -> None:
    store_upload(play.runtime, play.cast.zhoulan, "说明.txt", io.BytesIO(content))


def url_of(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def saved(play: Play, to: Path) -> Saved:
    return save(url_of(play.runtime.database), play.runtime.files_folder, to, now=play.cast.clock.now())


@pytest.fixture
def empty(engine: sa.Engine, make_database: Callable[[str], str]) -> str:
    """Another database of the same kind, without anything in it."""
    return make_database(engine.dialect.name)


@contextmanager
def opened(url: str) -> Iterator[sa.Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def everything(url: str) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table, but which processes live."""
    with opened(url) as connection:
        virtual = {"ticket_search"} if connection.dialect.name == "sqlite" else set()  # its own tables are compared
        names = set(sa.inspect(connection).get_table_names()) - {Pulse.__tablename__} - virtual
        rows = {name: connection.execute(sa.text(f'SELECT * FROM "{name}"')).all() for name in names}
    return {name: sorted((tuple(row) for row in found), key=repr) for name, found in rows.items()}


def contents(folder: Path) -> Mapping[str, bytes]:
    store, found = FileStore(folder), {}
    for digest, _ in store.contents():
        with store.open(digest) as stream:
            found[digest] = stream.read()
    return found


def test_everything_comes_back_row_for_row_and_file_for_file(worked: Play, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    told = saved(worked, file)
    restore(file, empty, tmp_path / "restored")
    before = everything(url_of(worked.runtime.database))
    assert before["ticket"]
    assert everything(empty) == before
    assert contents(tmp_path / "restored") == contents(worked.runtime.files_folder)
    assert (told.rows["ticket"], told.files) == (3, 3)


def test_only_its_owner_reads_it_and_it_overwrites_nothing(worked: Play, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        saved(worked, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*all*")] == ["all.tar.gz"]


def test_a_backup_made_while_others_work_holds_one_moment(worked: Play, empty: str, tmp_path: Path) -> None:
    stop, filed = threading.Event(), list[str]()

    def work() -> None:
        for number in count():
            if stop.is_set():
                filed.append("over")
                return
            upload(worked, f"unterdessen {number}".encode())
            filed.append(worked.file("zhoulan"))

    others = threading.Thread(target=work)
    others.start()
    files = [tmp_path / f"{number}.tar.gz" for number in range(3)]
    try:
        told = [saved(worked, file) for file in files]
    finally:
        stop.set()
        others.join()
    assert filed[-1] == "over"
    assert told[0].rows["ticket"] <= told[2].rows["ticket"] <= len(worked.tickets())
    restore(files[2], empty, tmp_path / "restored")
    with opened(empty) as connection:
        for name in ("instance", "timeline", "task"):
            assert connection.scalars(WITHOUT[name]).all() == [], f"tickets without their {name}"
        assert connection.scalar(sa.select(sa.func.count()).select_from(Ticket)) == told[2].rows["ticket"]
        digests = set(connection.scalars(sa.select(StoredFile.digest)))
    assert digests <= contents(tmp_path / "restored").keys()


WITHOUT = {
    "instance": sa.select(Ticket.number).where(~sa.exists().where(ProcessInstance.id == Ticket.instance_id)),
    "timeline": sa.select(Ticket.number).where(~sa.exists().where(TimelineEvent.ticket_id == Ticket.id)),
    "task": sa.select(Ticket.number).where(~sa.exists().where(UserTask.instance_id == Ticket.instance_id)),
}


def test_what_is_restored_goes_on(worked: Play, empty: str, tmp_path: Path) -> None:
    """Ids and numbers go on where they were."""
    from dataclasses import replace

    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    restore(file, empty, tmp_path / "restored")
    engine = create_engine(empty)
    runtime = replace(worked.runtime, database=engine, files_folder=tmp_path / "restored")
    again = Play(replace(worked.cast, runtime=runtime))
    known = set(worked.tickets())
    assert again.file("zhoulan") not in known
    assert again.open_tasks(min(known)) == ["look"]
    engine.dispose()


def test_a_database_with_an_organisation_is_kept_unless_it_is_given_up(worked: Play, tmp_path: Path) -> None:
    file, url = tmp_path / "all.tar.gz", url_of(worked.runtime.database)
    saved(worked, file)
    before = everything(url)
    worked.file("zhoulan")
    with pytest.raises(Refused, match="--replace"):
        restore(file, url, worked.runtime.files_folder)
    assert everything(url) != before
    worked.runtime.database.dispose()
    restore(file, url, worked.runtime.files_folder, replace=True)
    assert everything(url) == before


def test_a_damaged_database_is_given_up_for_the_backups(worked: Play, empty: str, tmp_path: Path) -> None:
    if "sqlite" not in empty:
        pytest.skip("PostgreSQL's files are not ours to replace")
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    Path(sa.make_url(empty).database or "").write_bytes(b"damaged" * 2000)
    with pytest.raises(Refused, match="can't be read"):
        restore(file, empty, tmp_path / "files")
    restore(file, empty, tmp_path / "files", replace=True)
    assert everything(empty) == everything(url_of(worked.runtime.database))


def test_nothing_is_restored_while_gongdan_runs(worked: Play, tmp_path: Path) -> None:
    from dataclasses import replace

    from engine.clock import SystemClock

    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    heart = Heart("web")
    runtime = replace(worked.runtime, clock=SystemClock())
    heart.beat(runtime)
    with pytest.raises(Refused, match="running"):
        restore(file, url_of(worked.runtime.database), worked.runtime.files_folder, replace=True)
    heart.stop(runtime)
    worked.runtime.database.dispose()
    restore(file, url_of(worked.runtime.database), worked.runtime.files_folder, replace=True)


def rewritten(file: Path, to: Path, change: Callable[[str, bytes], bytes | None], **options: Any) -> Path:
    """The archive with some members changed, or left out where None is given."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for facts in old:
            stream = old.extractfile(facts)
            content = change(facts.name, stream.read() if stream else b"")
            if content is not None:
                made = tarfile.TarInfo(facts.name)
                made.size = len(content)
                new.addfile(made, io.BytesIO(content))
    return to


def about_with(**facts: Any) -> Callable[[str, bytes], bytes]:
    """A change of what an archive says of itself, with the seal of the description made anew."""
    import hashlib

    changed: list[bytes] = []

    def change(name: str, content: bytes) -> bytes:
        if name == archive.ABOUT:
            changed.append(orjson.dumps(orjson.loads(content) | facts))
            return changed[0]
        if name == archive.SEALS:
            seals = orjson.loads(content)
            seals["members"][archive.ABOUT] = hashlib.sha256(changed[0]).hexdigest()
            return orjson.dumps(seals)
        return content

    return change


def test_a_backup_that_was_touched_is_refused_and_nothing_changes(worked: Play, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    before = everything(empty)
    with tarfile.open(file) as tar:
        names = tar.getnames()
    data = next(name for name in names if name.startswith(("database", "tables/ticket/")))
    kept = next(name for name in names if name.startswith("files/"))
    for number, (touched, why) in enumerate(
        (
            (lambda name, content: content + b"x" if name == data else content, "not what it was"),
            (lambda name, content: content[:-1] if name == kept else content, "not what it was"),
            (lambda name, content: None if name == data else content, "missing"),
            (lambda name, content: None if name == kept else content, "missing"),
            (lambda name, content: None if name == archive.SEALS else content, "ends before"),
            (lambda name, content: None if name == archive.ABOUT else content, "does not begin"),
        )
    ):
        bad = rewritten(file, tmp_path / f"bad-{number}.tar.gz", touched)
        with pytest.raises(Damaged, match=why):
            restore(bad, empty, tmp_path / "restored")
    assert everything(empty) == before


def test_half_an_archive_and_none_are_refused(worked: Play, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    half, none = tmp_path / "half.tar.gz", tmp_path / "none.tar.gz"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    none.write_bytes(b"PK\x03\x04 something else")
    for bad in (half, none):
        with pytest.raises(Damaged):
            restore(bad, empty, tmp_path / "restored")


def test_a_name_that_leads_elsewhere_is_refused(worked: Play, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "slip.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        made = tarfile.TarInfo("files/../../secret")
        made.size = 1
        tar.addfile(made, io.BytesIO(b"x"))
    with pytest.raises(Damaged, match="not ours"):
        restore(file, empty, tmp_path / "restored")


def test_a_backup_of_a_newer_release_is_refused(worked: Play, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    for facts in ({"release": "99.0.0"}, {"revision": "9999"}):
        newer = rewritten(file, tmp_path / f"{next(iter(facts))}.tar.gz", about_with(**facts))
        with pytest.raises(Refused, match="install that release"):
            restore(newer, empty, tmp_path / "restored")


def test_a_backup_of_another_kind_of_database_is_refused(worked: Play, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    other = "postgresql://nobody@localhost/none" if worked.runtime.database.dialect.name == "sqlite" else "sqlite:////x"
    with pytest.raises(Refused, match="GONGDAN_DATABASE_URL"):
        restore(file, other, tmp_path / "restored")


def test_rows_that_do_not_fit_together_leave_the_database_as_it_was(worked: Play, empty: str, tmp_path: Path) -> None:
    """The hashes are right, but a ticket's instance is not there: whoever made it made it so."""
    engine = worked.runtime.database
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text("COMMIT"))
            connection.execute(sa.text("PRAGMA foreign_keys=OFF"))
        else:
            connection.execute(sa.text("ALTER TABLE ticket DROP CONSTRAINT fk_ticket_instance_id"))
        connection.execute(sa.text("UPDATE ticket SET instance_id = instance_id + 4000000"))
        connection.commit()
    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    before = everything(empty)
    with pytest.raises(Exception, match=r"foreign key|not whole|does not take"):
        restore(file, empty, tmp_path / "restored")
    assert everything(empty) == before


def test_an_older_database_is_brought_up_to_date(worked: Play, empty: str, tmp_path: Path) -> None:
    import migrations

    file = tmp_path / "all.tar.gz"
    saved(worked, file)
    restore(file, empty, tmp_path / "restored")
    with opened(empty) as connection:
        assert migrations.is_current(connection)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_say_what_they_did_and_what_they_could_not(worked: Play, tmp_path: Path) -> None:
    folder, other, file = worked.runtime.files_folder.parent, tmp_path / "other", str(tmp_path / "all.tar.gz")
    source = {"GONGDAN_DATA": str(folder), "GONGDAN_DATABASE_URL": url_of(worked.runtime.database)}
    target = {"GONGDAN_DATA": str(other)}

    def run(*command: str, env: Mapping[str, str]) -> tuple[int, str]:
        told = CliRunner().invoke(main, command, env=env)
        return told.exit_code, told.output

    assert run("backup", file, env=source)[0] == 0
    status, told = run("backup", file, env=source)
    assert (status, "name another file" in told) == (1, True)
    status, told = run("backup", str(tmp_path / "nowhere" / "all.tar.gz"), env=source)
    assert (status, "nowhere is not there; make it first" in told) == (1, True)
    status, told = run("restore", "--check", file, env=target)
    assert status == 0
    assert re.search(r"made at \d{4}-\d\d-\d\d \d\d:\d\d UTC by", told)
    half = tmp_path / "half.tar.gz"
    half.write_bytes(Path(file).read_bytes()[:9000])
    status, told = run("restore", "--check", str(half), env=target)
    assert (status, "half.tar.gz can't be used: it is cut off" in told) == (1, True)
    assert not (other / "gongdan.db").exists()
    status, told = run("restore", file, env=target)
    assert (status, "is restored" in told) == (0, True)
    status, told = run("restore", file, env=target)
    assert (status, "--replace" in told, "Traceback" in told) == (1, True, False)
    assert run("restore", "--replace", file, env=target)[0] == 0
    assert contents(other / "files") == contents(worked.runtime.files_folder)
