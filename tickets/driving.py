"""Owns moving a ticket on without a person at a form: by a timer, message, signal or job; a failure is an incident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from engine import instances
from engine.step import StepFailed, Uncaught
from tickets.apply import DoneBefore, apply
from tickets.case import Case, case_of_instance
from tickets.cause import Cause
from tickets.incidents import open_incident
from tickets.runtime import Runtime
from tickets.steps import Plan, blueprint_of, run_step, step_again, take_live, world_of

Given = dict[str, Any]
"""What drives a step, as an incident keeps it: `ref`, and `slot`, `payload`, `values` … (`steps.step_again`).

`name`, if there is one, is what the message or signal that has come is called.
"""


def drive(
    runtime: Runtime,
    kind: str,
    instance_id: int,
    find: Callable[[Session], Given | None],
    *,
    cause: Cause,
    look: Callable[[Session, int], Case | None] = case_of_instance,
    write_first: Callable[[Session], None] = lambda _: None,
    uncaught: Callable[[Case, Uncaught], None] | None = None,
) -> str | None:
    """Moves the instance by what `find` gives; the ticket's number, or None if it does not wait for that (any more).

    `look` may ask with the case already whether it waits. `write_first` joins the step's transaction and may raise
    DoneBefore. `uncaught` takes the incident's place where nothing catches the error that a job ends with.
    """
    kept: dict[str, Any] = {}

    def plan(session: Session) -> Plan:
        kept["case"] = case = look(session, instance_id)
        kept["given"] = given = find(session) if case is not None else None
        if case is None or given is None:
            raise instances.NotWaiting(kind)
        return _planned(session, runtime, case, kind, given)

    def write(session: Session, planned: Plan) -> str:
        write_first(session)
        apply(session, planned, replace(cause, event=kept["given"].get("name", "")))
        return planned.case.number

    try:
        return run_step(runtime, plan, write)
    except (instances.NotWaiting, DoneBefore):
        return None
    except StepFailed as error:
        if uncaught is not None and isinstance(error, Uncaught):
            uncaught(kept["case"], error)
        else:
            open_incident(runtime, cause.actor, kept["case"], error, kind=kind, payload=kept["given"])
        return str(kept["case"].number)


def _planned(session: Session, runtime: Runtime, case: Case, kind: str, given: Given) -> Plan:
    blueprint = blueprint_of(session, runtime, case.definition_id)
    live, world = take_live(session, runtime, case), world_of(session, case, runtime)
    return Plan(case, step_again(live, case, kind, given, world), blueprint)
