"""Owns the commands of whoever looks after an installation: doctor, backup, restore."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@click.command(short_help="Write the database and the files into one archive.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and all uploaded files into FILE, a .tar.gz that only you can read. Gongdan may run meanwhile.

    It is the database as it was at one moment, and every file that it names. The secret key is not in it: with another
    one, everybody signs in anew. An existing FILE is not overwritten.
    """
    from engine.clock import SystemClock
    from web.backup.saving import save
    from web.cli import settings

    config = settings()
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
    from web.cli import settings

    config = settings()
    with told("Nothing was restored"):
        if only_check:
            about = archive.check(file)
        else:
            about = restoring.restore(file, config.database_url, config.files_folder, replace=replace)
    done = "is whole" if only_check else "is restored"
    click.echo(f"{file} {done}: made at {about.made_at} by Gongdan {about.release} on {about.kind}.")


@contextmanager
def told(outcome: str) -> Iterator[None]:
    """End the program with what went wrong, in a sentence and without a trace."""
    from sqlalchemy.exc import SQLAlchemyError

    from web.backup.archive import Damaged
    from web.backup.restoring import Refused

    try:
        yield
    except FileExistsError as error:
        raise click.ClickException(f"{outcome}: {error} is there already; name another file.") from error
    except OSError as error:
        raise click.ClickException(f"{outcome}: {error.filename or error}: {error.strerror}.") from error
    except (Damaged, Refused) as error:
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
    from web.cli import settings
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


COMMANDS = (doctor, backup, restore)
