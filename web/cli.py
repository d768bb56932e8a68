"""Owns the command line: `gongdan run`, `init`, `worker`, `try`, `deploy` and `db upgrade`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from engine.jobs import QUEUES
from tickets.runtime import Runtime
from web import logs, upkeep
from web.config import SETTINGS
from web.opening import asked_to_stop, opened, settings, settle

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
HELP = """Gongdan 工单: tickets on BPMN processes.

\b
Try it on demo data:       gongdan run --demo
Dry-run a BPMN file:       gongdan try my-process.bpmn
Publish a ticket type:     gongdan deploy processes/crash_report
On several machines, with one PostgreSQL:
                           gongdan run    and beside it    gongdan worker
"""
WIDEST = max(map(len, SETTINGS))
SETTINGS_HELP = "\n".join(
    ("\b", "Settings, from the environment:", *(f"  {name:<{WIDEST}} {text}" for name, text in SETTINGS.items()))
)

DEMO_BEGINS = "Getting the demo ready. The first time makes its people, ticket types and past: some 15 seconds."


@click.group(context_settings=CONTEXT, help=HELP, epilog=SETTINGS_HELP)
@click.version_option(package_name="gongdan", prog_name="gongdan")
def main() -> None:
    """Read what was asked on the command line."""
    logs.start()


@main.command()
@click.option(
    "--demo", is_flag=True, help="Add demo people, places and the shipped ticket types where they are missing."
)
@click.option("--host", help="The address to listen on; 127.0.0.1 unless GONGDAN_HOST says otherwise.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; 8000 unless GONGDAN_PORT says otherwise.")
def run(demo: bool, host: str | None, port: int | None) -> None:
    """Serve the pages and the API; timers and jobs run along."""
    config = settings(host=host, port=port)
    if demo:
        click.echo(DEMO_BEGINS)
    from web import demo as demonstration
    from web import serving

    with opened(config) as runtime:
        if demo:
            config = replace(config, demo=True)
            click.echo(demonstration.prepare(runtime, say=click.echo))
        elif not has_people(runtime):
            click.echo(
                "The database is empty, so nobody can sign in yet; try it with --demo, or begin with `gongdan init`."
            )
        serving.serve(runtime, config, say=click.echo)


@main.command(short_help="Run timers and jobs without serving pages.")
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    help="What it does: timers and ordinary work; what waits for servers outside, such as mail; or both.",
)
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs of each queue done at once."
)
@click.option(
    "--grace",
    type=click.IntRange(1, 3600),
    default=30,
    show_default=True,
    help="Seconds that work under way may take to its end when the program is to stop.",
)
def worker(queues: str, concurrency: int, grace: int) -> None:
    """Run timers and jobs without serving pages, beside `gongdan run` or gunicorn on the same PostgreSQL.

    Start as many as you like, on as many machines. One that is asked to stop takes nothing more and finishes what
    it does; what a killed one left, others take up within half a minute.
    """
    from web import schedule

    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in QUEUES] or not wanted:
        raise click.BadParameter(f"{unknown or queues!r}: there are {', '.join(QUEUES)}.", param_hint="--queues")
    config = settings()
    with opened(config) as runtime:
        stop = asked_to_stop()
        settle()
        beating = schedule.start(runtime, config, kind="worker", queues=wanted, concurrency=concurrency)
        click.echo(f"Timers and jobs run ({', '.join(wanted)}); Ctrl-C stops.")
        stop.wait()
        schedule.end(beating, grace)


@main.command("try", short_help="Walk BPMN files through, without publishing them.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True), metavar="PATH…")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: each file's, then a summary.")
def try_(paths: tuple[str, ...], as_json: bool) -> None:
    """Walk BPMN files through in a throwaway database with a clock of its own; folders and archives are searched.

    Tickets are filed, forms filled in, timers fired, messages sent and jobs answered, along every branch that can be
    reached. Forms, decision tables and called processes are sought in a file's own folder. The exit status is 0 when
    every file is accepted and comes to an end, or has nothing to run; 1 when one does not, or could be walked and
    would be refused as an upload; 2 for a path that is not there.
    """
    from web import trying

    sys.exit(0 if trying.try_paths(paths, as_json=as_json, say=click.echo) else 1)


@main.command(short_help="Check and publish ticket types.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--check", "only_check", is_flag=True, help="Only check: the same report, and nothing is published.")
def deploy(paths: tuple[Path, ...], as_json: bool, only_check: bool) -> None:
    """Check and publish ticket types from .bpmn, .dmn, .form, .json, .zip or .bar files, or folders of them.

    Files given one by one make one deployment, and so does every folder with a process in it: its files may
    refer to each other. Problems are listed with file, line and remedy; a deployment with an error among them is
    not published, and the exit status is 1. What is live already, byte for byte, is left as it is.
    """
    from web import deploying

    with opened(settings()) as runtime:
        if not has_people(runtime):
            raise click.ClickException(
                "The database is empty: there is no group to publish for. Begin with `gongdan init`, which founds the "
                "group with its administrator; or try everything first on demo data: `gongdan run --demo`."
            )
        outcomes = deploying.deploy_paths(runtime, paths, only_check=only_check)
    click.echo(deploying.as_json(outcomes) if as_json else deploying.as_text(outcomes))
    sys.exit(0 if all(outcome.accepted for outcome in outcomes) else 1)


@main.command(short_help="Issue an API token for a person.")
@click.argument("login")
@click.option("--name", default="command line", show_default=True, help="What it is for; shown in the audit log.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good for; a year if not given.")
def token(login: str, name: str, days: int | None) -> None:
    """Issue an API token that acts as the person with this login, and print it: it is shown this once."""
    from datetime import timedelta

    from tickets.errors import DomainError
    from tickets.people import person_by_login
    from tickets.tokens import LIFETIME, issue_token

    with opened(settings()) as runtime, runtime.writing() as session, session.begin():
        person = person_by_login(session, login)
        if person is None or person.departed_at is not None:
            raise click.ClickException(f"Nobody with the login “{login}” works here; the page People lists everybody.")
        lifetime = timedelta(days=days) if days else LIFETIME
        try:
            click.echo(issue_token(session, person, name, now=runtime.clock.now(), lifetime=lifetime))
        except DomainError as error:
            raise click.ClickException(str(error)) from error


@main.command(short_help="Seal connectors' and webhooks' secrets with the newest key.")
def reseal() -> None:
    """Seal with the first key of GONGDAN_ENCRYPTION_KEY what an older key sealed; afterwards the older can go.

    The exit status is 1 when no known key opens some of them: those have to be typed anew.
    """
    from tickets.connectors.sealing import reseal as seal_anew
    from tickets.connectors.secret import sealed_secrets
    from tickets.notices.signing import webhook_secrets

    config = settings()
    with opened(config) as runtime, runtime.writing() as session, session.begin():
        every = [*sealed_secrets(session), *webhook_secrets(session)]
        done, lost = seal_anew(every, config.keyring)
    click.echo(f"{done} sealed anew, {lost} can't be opened.")
    sys.exit(1 if lost else 0)


@main.command(short_help="Begin an organisation of your own, without the demo.")
@click.option("--group", required=True, help="What the whole group is called.")
@click.option("--brand", "brands", multiple=True, help="A brand of the group; give it once for each.")
@click.option("--login", default="admin", show_default=True, help="The first administrator's login.")
@click.option("--name", default="", help="The first administrator's name; the login if not given.")
@click.option(
    "--password",
    envvar="GONGDAN_ADMIN_PASSWORD",
    help="Their password, 10 characters or more; asked for unless GONGDAN_ADMIN_PASSWORD holds it.",
)
def init(group: str, brands: tuple[str, ...], login: str, name: str, password: str | None) -> None:
    """Make the group, its brands, the usual roles and a first administrator, where they are missing.

    Run it again with more brands whenever you like: what is here stays as it is. Publish the shipped ticket types with
    `gongdan deploy processes`, then sign in and take people on under System.
    """
    from tickets.errors import DomainError
    from tickets.organising.founding import Founding, found, knows

    with opened(settings()) as runtime:
        if password is None and not knows(runtime, login):
            asked = "Password of the first administrator"
            password = click.prompt(asked, hide_input=True, confirmation_prompt=True)
        founding = Founding(group=group, brands=brands, login=login, name=name or login, password=password)
        try:
            made = found(runtime, founding)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
    new = [group] * made.group + list(made.brands) + [f"administrator {login}"] * made.administrator
    click.echo(f"Made: {', '.join(new)}." if new else "All of it is here already; nothing was changed.")
    if made.administrator:
        click.echo(f"Next: publish ticket types with `gongdan deploy`, start `gongdan run`, and sign in as {login}.")


for command in upkeep.COMMANDS:
    main.add_command(command)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest version; a new one is made. Safe to run twice, and from two machines."""
    import migrations

    config = settings()
    migrations.upgrade(config.database_url)
    click.echo("The database is up to date.")


def has_people(runtime: Runtime) -> bool:
    """Whether anybody could sign in."""
    import sqlalchemy as sa

    from tickets.people import Person

    with runtime.reading() as session:
        return session.scalar(sa.select(Person.id).limit(1)) is not None
