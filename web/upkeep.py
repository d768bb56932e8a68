"""Owns the commands of whoever looks after an installation: doctor, audit, backup, restore, rebuild."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from web.opening import as_it_is, opened, settings


@click.command(short_help="Write the database and the files into one archive.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and all uploaded files into FILE, a .tar.gz that only you can read. Gongdan may run meanwhile.

    It is the database as it was at one moment, and every file that it names. The secret key is not in it: with another
    one, everybody signs in anew. An existing FILE is not overwritten.
    """
    from engine.clock import SystemClock
    from web.backup.saving import save

    config, folder = settings(), file.absolute().parent
    if not folder.is_dir():
        raise click.ClickException(f"No backup was made: the folder {folder} is not there; make it first.")
    with told("No backup was made"):
        saved = save(config.database_url, config.files_folder, file.absolute(), now=SystemClock().now())
    rows = saved.rows.get("ticket", 0)
    click.echo(f"{file}: {rows} tickets, {saved.files} files, {saved.bytes / 1024 / 1024:.1f} MB.")


@click.command(short_help="Put a backup's database and files in place.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database here for the backup's.")
@click.option("--check", "only_check", is_flag=True, help="Only look whether FILE is whole; change nothing.")
def restore(file: Path, replace: bool, only_check: bool) -> None:
    """Check FILE, then put its database and files in place; an older one's database is brought up to date.

    All of it is restored, or the database is as it was. Stop every `gongdan run` and `gongdan worker` first.
    """
    from web.backup import archive, restoring

    config = settings()
    with told("Nothing was restored", of=f"{file} can't be used: "):
        if only_check:
            about = archive.check(file)
        else:
            about = restoring.restore(file, config.database_url, config.files_folder, replace=replace)
    done = "is whole" if only_check else "is restored"
    click.echo(f"{file} {done}: made at {_minute(about.made_at)} by Gongdan {about.release} on {about.kind}.")


def _minute(moment: str) -> str:
    """As people read it: 2026-11-22 01:30 UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


@contextmanager
def told(outcome: str, *, of: str = "") -> Iterator[None]:
    """End the program with what went wrong, in a sentence and without a trace; `of`: the archive that is damaged."""
    from sqlalchemy.exc import SQLAlchemyError

    from web.backup.archive import Damaged
    from web.backup.restoring import Refused

    try:
        yield
    except FileExistsError as error:
        raise click.ClickException(f"{outcome}: {error} is there already; name another file.") from error
    except OSError as error:
        raise click.ClickException(f"{outcome}: {error.filename or error}: {error.strerror}.") from error
    except Damaged as error:
        raise click.ClickException(f"{outcome}. {of}{error}. Take another backup.") from error
    except Refused as error:
        raise click.ClickException(f"{outcome}: {error}") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise click.ClickException(f"{outcome}; the database says: {str(error).splitlines()[0]}") from error


@click.command(short_help="Find what is wrong with this installation.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON list.")
def doctor(as_json: bool) -> None:
    """Look at the settings, the machine, the database and what runs, and say how to mend what is not well.

    Nothing is changed. The exit status is 0 when all is well, 1 with warnings, 2 when something is wrong.
    """
    from dataclasses import asdict

    import orjson

    from engine.clock import SystemClock
    from web.doctor import examine, worst
    from web.doctor.finding import Level

    findings = examine(settings(), SystemClock().now())
    if as_json:
        click.echo(orjson.dumps([asdict(finding) for finding in findings], option=orjson.OPT_INDENT_2).decode())
    else:
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.name}: {finding.said}")
            if finding.mend:
                click.echo(f"{'':<8} → {finding.mend}")
    sys.exit(list(Level).index(worst(findings)))


@click.command(short_help="Compare rows and counts with what state and history say.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: each difference, then a summary.")
@click.option(
    "--from", "after", type=click.IntRange(0), default=0, metavar="ID", help="Leave out tickets up to this id."
)
@click.option(
    "--no-replay", is_flag=True, help="Don't play each process again from its history: quicker, less thorough."
)
def audit(as_json: bool, after: int, no_replay: bool) -> None:
    """Derive anew what is kept for being quick: open tasks, timers, awaited events, statuses, counts, service clocks.

    Each ticket's process is played again from what drove it. It only reads, also while others work. The exit status
    is 0 when nothing differs, 1 when something does.
    """
    from web import recounting

    with as_it_is(settings()) as runtime:
        well = recounting.audit(runtime, after=after, replaying=not no_replay, as_json=as_json, say=click.echo)
    sys.exit(0 if well else 1)


@click.command(short_help="Make the search index, or the field values of lists, anew.")
@click.argument("part", type=click.Choice(["search", "fields"]))
def rebuild(part: str) -> None:
    """Make the search index, or the values of forms' fields that lists show, anew from the tickets.

    After an upgrade that says so, or after rows were brought in by hand. It goes on in jobs of 200 tickets, which
    `gongdan run` and `gongdan worker` do in the background and take up again after a restart.
    """
    from tickets import rebuilding

    with opened(settings()) as runtime:
        rebuilding.order(runtime, rebuilding.Part(part))
    click.echo("Ordered: `gongdan run` or `gongdan worker` does it in the background.")


COMMANDS = (doctor, audit, backup, restore, rebuild)
