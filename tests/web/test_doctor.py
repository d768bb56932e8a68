"""The doctor: an installation is broken in each way, and the line that says so is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.database import create_engine
from engine.jobs import enqueue
from engine.models import Incident, Job, JobStatus, ProcessDefinition, Timer
from tests.cast import Cast, enter
from tests.web.site import Site
from tickets.files import StoredFile, store_upload
from tickets.operating.pulse import Heart, Pulse
from tickets.places import Place
from web import doctor
from web.cli import main
from web.config import Config
from web.doctor import database, machine
from web.doctor.finding import Finding, Level
from web.post.smtp import Server


@pytest.fixture
def well(site: Site) -> Site:
    """An installation in which all is well: a process runs."""
    site.play.ship("crash_report")
    site.config = replace(site.config, secret_key="0123456789abcdefghijklmnopqrstuvwxyz")
    Heart("web").beat(site.cast.runtime)
    return site


def findings(site: Site, **settings: object) -> dict[str, Finding]:
    config: Config = replace(site.config, **settings)  # type: ignore[arg-type]  # as Config itself checks none
    return {finding.name: finding for finding in doctor.examine(config, site.cast.clock.now())}


def not_well(site: Site, **settings: object) -> dict[str, Level]:
    found = findings(site, **settings)
    assert all(finding.mend for finding in found.values() if finding.level is not Level.OK)
    return {name: finding.level for name, finding in found.items() if finding.level is not Level.OK}


def test_a_healthy_installation_has_nothing_wrong(well: Site) -> None:
    assert not_well(well) == {}
    assert doctor.worst(list(findings(well).values())) is Level.OK


def test_nothing_is_changed_by_looking(well: Site) -> None:
    with well.cast.runtime.database.connect() as connection:
        before = connection.execute(sa.text("PRAGMA data_version")).scalar()
        findings(well)
        assert connection.execute(sa.text("PRAGMA data_version")).scalar() == before


def weak_key(site: Site) -> dict[str, object]:
    return {"secret_key": "ab" * 20}


def no_storage(site: Site) -> dict[str, object]:
    """Where the folder should be there is a file."""
    folder = site.config.data_folder / "elsewhere"
    folder.mkdir()
    (folder / "files").write_text("not a folder")
    return {"data_folder": folder}


def lost_file(site: Site) -> dict[str, object]:
    import io

    runtime = replace(site.cast.runtime, files_folder=site.config.files_folder)
    store_upload(runtime, site.cast.zhoulan, "说明.txt", io.BytesIO(b"something"))
    for path in (site.config.files_folder / "sha256").glob("??/??/*"):
        path.unlink()
    assert site.play.count(StoredFile) == 1
    return {}


def left_over(site: Site) -> dict[str, object]:
    path = site.config.files_folder / "sha256" / "ab" / "cd" / ("ab" + "cd" + "0" * 60)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nobody's")
    old = (site.cast.clock.now() - timedelta(days=60)).timestamp()
    os.utime(path, (old, old))
    return {}


def unknown_zone(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        session.execute(sa.update(Place).where(Place.kind == "campus").values(time_zone="Mars/Olympus"))
    return {}


def silent(site: Site) -> dict[str, object]:
    site.cast.clock.advance(timedelta(minutes=5))
    return {}


def two_on_sqlite(site: Site) -> dict[str, object]:
    Heart("worker").beat(site.cast.runtime)
    return {}


def other_release(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        session.execute(sa.update(Pulse).values(release="0.0.9"))
    return {}


def given_up(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        enqueue(session, "service", {}, run_at=site.cast.clock.now())
        session.execute(sa.update(Job).values(status=JobStatus.FAILED))
    return {}


def late_timer(site: Site) -> dict[str, object]:
    brand_id, due = site.cast.places["qinghe"], site.cast.clock.now() - timedelta(minutes=10)
    with site.play.writing() as session, session.begin():
        session.add(Timer(brand_id=brand_id, ref="t", element="wait", due_at=due))
    return {}


def stopped(site: Site) -> dict[str, object]:
    ticket = site.play.ticket(site.file_crash())
    where = {"brand_id": ticket.brand_id, "instance_id": ticket.instance_id, "opened_at": site.cast.clock.now()}
    with site.play.writing() as session, session.begin():
        session.add(Incident(element="x", reason="No way on.", kind="job", payload={}, **where))
    return {}


def unreadable(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        session.execute(sa.update(ProcessDefinition).values(compiled=b'{"process": 3}'))
    return {}


def older(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0013'"))
    return {}


def newer(site: Site) -> dict[str, object]:
    with site.play.writing() as session, session.begin():
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    return {}


def empty(site: Site) -> dict[str, object]:
    return {"database_url": f"sqlite:///{site.config.data_folder / 'new.db'}"}


def away(site: Site) -> dict[str, object]:
    return {"database_url": "postgresql://gongdan:hunter2@127.0.0.1:1/gongdan"}


def garbage(site: Site) -> dict[str, object]:
    path = site.config.data_folder / "broken.db"
    path.write_bytes(b"this is no database, " * 1000)
    return {"database_url": f"sqlite:///{path}"}


def no_mail(site: Site) -> dict[str, object]:
    return {"smtp": Server("smtp", "127.0.0.1", 1, "gongdan", "hunter2")}


def unsafe_proxy(site: Site) -> dict[str, object]:
    return {"base_url": "https://gongdan.example.com"}


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (weak_key, {"secret key": Level.WRONG}),
        (no_storage, {"storage": Level.WRONG}),
        (lost_file, {"files": Level.WRONG}),
        (left_over, {"left-over files": Level.WARNING}),
        (unknown_zone, {"time zones": Level.WRONG}),
        (silent, {"processes": Level.WARNING}),
        (two_on_sqlite, {"processes": Level.WRONG}),
        (other_release, {"releases": Level.WARNING}),
        (given_up, {"jobs": Level.WARNING}),
        (late_timer, {"timers": Level.WARNING}),
        (stopped, {"incidents": Level.WARNING}),
        (unreadable, {"definitions": Level.WRONG}),
        (older, {"migrations": Level.WRONG}),
        (newer, {"migrations": Level.WRONG}),
        (empty, {"migrations": Level.WRONG}),
        (away, {"database": Level.WRONG}),
        (garbage, {"database": Level.WRONG}),
        (no_mail, {"mail": Level.WRONG}),
        (unsafe_proxy, {"cookies": Level.WARNING, "proxy": Level.WARNING}),
    ],
)
def test_what_is_broken_is_named_and_nothing_else(
    well: Site, break_it: Callable[[Site], dict[str, object]], said: dict[str, Level]
) -> None:
    settings = break_it(well)
    assert not_well(well, **settings) == said
    assert "hunter2" not in repr(findings(well, **settings))


def test_sqlite_on_a_network_disk_is_wrong(well: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts, kept = tmp_path / "mounts", Path(str(well.cast.runtime.database.url.database))
    monkeypatch.setattr(database, "MOUNTS", mounts)
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/share {kept.parents[-2]} nfs4 rw 0 0\n")
    assert database.file_system(kept) == "nfs4"
    assert not_well(well) == {"file system": Level.WRONG}


def test_a_full_disk_is_wrong(well: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "GIGABYTE", 10**18)
    assert not_well(well) == {"disk": Level.WRONG}


@pytest.fixture
def elsewhere(make_database: Callable[[str], str], tmp_path: Path) -> Iterator[Cast]:
    """The cast on PostgreSQL."""
    engine = create_engine(make_database("postgresql"))
    yield enter(engine, tmp_path)
    engine.dispose()


def test_postgresql_is_looked_at_too_and_its_clock_compared(elsewhere: Cast, site: Site) -> None:
    from engine.clock import SystemClock

    url = elsewhere.runtime.database.url.render_as_string(hide_password=False)
    config, now = replace(site.config, database_url=url), SystemClock().now()
    found = {finding.name: finding for finding in doctor.examine(config, now)}
    assert {found[name].level for name in ("database", "foreign keys", "clock", "migrations")} == {Level.OK}
    late = {finding.name: finding for finding in doctor.examine(config, now + timedelta(minutes=3))}
    assert late["clock"].level is Level.WRONG


def test_the_command_tells_by_its_exit_status(tmp_path: Path) -> None:
    settings = {"GONGDAN_DATA": str(tmp_path)}
    told = CliRunner().invoke(main, ["doctor", "--json"], env=settings)
    found = {each["name"]: each["level"] for each in json.loads(told.stdout)}
    assert (told.exit_code, found["migrations"], found["storage"]) == (2, "wrong", "ok")
    assert CliRunner().invoke(main, ["db", "upgrade"], env=settings).exit_code == 0
    told = CliRunner().invoke(main, ["doctor"], env=settings)
    assert told.exit_code == 1
    assert "warning  processes: none runs timers and jobs" in told.stdout
    assert "→ Start `gongdan run`" in told.stdout
