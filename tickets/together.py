"""Owns moving many instances on in one transaction: those with which all goes well; each of the others goes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from engine import measures
from engine.database import Away
from engine.instances import NotWaiting, restore
from engine.models import ProcessInstance
from engine.record import Stale
from engine.spiff.workflow import Instance
from engine.step import StepFailed
from tickets.apply import DoneBefore, apply_all
from tickets.case import Case
from tickets.cause import Cause
from tickets.driving import Given
from tickets.errors import DomainError
from tickets.runtime import Runtime
from tickets.steps import Plan, blueprint_of, step_again, world_of

MOST = 25
"""Instances whose rows one transaction holds: few enough that a person who waits for one of them does not notice."""


_EXPECTED = (NotWaiting, StepFailed, Stale, DoneBefore, DomainError)
"""What may come of a step, alone too: there is one way to deal with each."""

log = structlog.get_logger()


class Driven(NamedTuple):
    """The instances that have moved, and those that still wait: what keeps them shows when each is driven alone."""

    moved: set[int]
    left: set[int]


def drive_together(
    runtime: Runtime, kind: str, given: Mapping[int, Given], look: Callable[[Session], Sequence[Case]]
) -> Driven:
    """Moves instances on by what is given for each id, as `tickets.driving.drive` does by nobody's hand.

    `look` finds the cases that still wait for it. Where anything fails as the steps are written, none of them is.
    """
    watch = measures.Watch()
    with runtime.looking() as session:
        cases = look(session)
        plans = _plans(session, runtime, kind, given, cases)
    waiting, moved = {case.instance_id for case in cases}, {plan.case.instance_id for plan in plans}
    if not plans:
        return Driven(moved, waiting)
    try:
        with runtime.writing() as session, session.begin():
            apply_all(session, [(plan, Cause(None)) for plan in plans])
    except Away:
        raise
    except _EXPECTED:
        return Driven(set(), waiting)
    except Exception:  # which one it is shows one by one
        log.exception("steps failed together", kind=kind, instances=sorted(moved))
        return Driven(set(), waiting)
    watch.steps(kind, len(plans))
    for plan in plans:
        runtime.hot.put(plan.case.instance_id, plan.step.revision, plan.step.live)
    return Driven(moved, waiting - moved)


def _plans(
    session: Session, runtime: Runtime, kind: str, given: Mapping[int, Given], cases: Sequence[Case]
) -> list[Plan]:
    """The steps that can be planned; none of a ticket above another of them, since its end looks at those below."""
    above, plans = {case.parent_id for case in cases}, []
    apart = [case for case in cases if case.ticket_id not in above]
    lives = {case.instance_id: runtime.hot.take(case.instance_id, case.revision) for case in apart}
    states = _states(session, [case for case in apart if lives[case.instance_id] is None])
    for case in apart:
        live, state = lives[case.instance_id], states.get((case.instance_id, case.revision))
        try:
            plans.append(_plan(session, runtime, case, state if live is None else live, kind, given[case.instance_id]))
        except Away:
            raise
        except _EXPECTED:
            continue
        except Exception:  # nothing is written yet, and the others go on
            log.exception("step failed", kind=kind, instance=case.instance_id)
    return plans


def _plan(
    session: Session, runtime: Runtime, case: Case, found: Instance | bytes | None, kind: str, given: Given
) -> Plan:
    """From the instance as it is in memory or stored; raises Stale where it has moved."""
    if found is None:
        raise Stale
    blueprint = blueprint_of(session, runtime, case.definition_id)
    live = restore(found, blueprint) if isinstance(found, bytes) else found
    return Plan(case, step_again(live, case, kind, given, world_of(session, case, runtime)), blueprint)


def _states(session: Session, cases: Sequence[Case]) -> dict[tuple[int, int], bytes]:
    """The stored states by instance and revision; one that has moved meanwhile has another revision."""
    if not cases:
        return {}
    rows = session.connection().execute(_STATES, {"of_instances": [case.instance_id for case in cases]})
    return {(instance_id, revision): state for instance_id, revision, state in rows}


_STATES = sa.select(ProcessInstance.id, ProcessInstance.revision, ProcessInstance.state).where(
    ProcessInstance.id.in_(sa.bindparam("of_instances", expanding=True))
)
