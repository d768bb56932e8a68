"""Owns judging a step of a spot check: passed, or failed with a reason and then done again; and correcting that."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.errors import Invalid
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.standards.checking.redo import take_back_again
from tickets.standards.checking.undo import undo_redo
from tickets.standards.checking.verdicts import SameAgain, check_correctable, look, only_failure, write_verdict
from tickets.standards.tables import Verdict


def judge(runtime: Runtime, actor: Actor, step_id: UUID, verdict: str, why: str = "") -> None:
    """Say what one found; the same once more changes nothing. What failed opens again for whoever did it.

    Raises NotFound, Forbidden (one's own, or not theirs to judge), Invalid (failed without a reason), Conflict (judged
    too long ago).
    """
    if verdict not in set(Verdict):
        raise Invalid(Message(N_("A step is passed or failed; choose one.")))
    found = Verdict(verdict)
    reason = checked_reason(why, needed=found is Verdict.FAILED)
    try:
        (_fail if found is Verdict.FAILED else _pass)(runtime, actor, step_id, reason)
    except SameAgain:
        return


def _fail(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    with runtime.reading() as session:
        judged = look(session, actor, step_id)
        check_correctable(judged.checked, Verdict.FAILED, reason, runtime.clock.now())
    if judged.redone:
        _verdict_only(runtime, actor, step_id, Verdict.FAILED, reason)
    else:
        take_back_again(runtime, actor, step_id, reason)


def _pass(runtime: Runtime, actor: Actor, step_id: UUID, reason: str) -> None:
    with runtime.reading() as session:
        judged = look(session, actor, step_id)
        check_correctable(judged.checked, Verdict.PASSED, reason, runtime.clock.now())
        was_failed = judged.checked.verdict == Verdict.FAILED
        undoes = was_failed and _waits_for_nothing(session, actor, step_id)
    if undoes:
        undo_redo(runtime, actor, step_id, reason)
    else:
        _verdict_only(runtime, actor, step_id, Verdict.PASSED, reason)


def _waits_for_nothing(session: Session, actor: Actor, step_id: UUID) -> bool:
    """Whether the turn that this check began is not done yet, and no other check wants it."""
    judged = look(session, actor, step_id)
    one_more = judged.current.turn == judged.drawn.turn + 1 and judged.current.done_at is None
    return one_more and only_failure(session, judged)


def _verdict_only(runtime: Runtime, actor: Actor, step_id: UUID, verdict: Verdict, reason: str) -> None:
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        write_verdict(session, actor, look(session, actor, step_id, lock=True), verdict, reason, now)
