"""Owns the domain's errors: each is named for the fact, worded for the person; web maps them to HTTP in one place."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.expressions import N_, Message

if TYPE_CHECKING:
    from forms import Submission


class DomainError(Exception):
    """Something the rules don't allow; `message` says what is wrong and how to mend it."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotFound(DomainError):
    """It does not exist, or not for this person."""

    def __init__(self, what: str = N_("This page")) -> None:
        super().__init__(
            Message(N_("%(what)s is not here: it may have been moved, or you may not see it."), {"what": Message(what)})
        )


class Forbidden(DomainError):
    """Visible, but not theirs to do."""


class NotOwner(Forbidden):
    """Only the ticket's owner replies to the requester."""

    def __init__(self, owner: str) -> None:
        text = (
            N_("Only the owner replies to the requester; here that is %(owner)s. Write an internal note instead.")
            if owner
            else N_("Only the owner replies to the requester; accept the ticket first, or write an internal note.")
        )
        super().__init__(Message(text, {"owner": owner}))


class Conflict(DomainError):
    """Somebody else was faster; nothing of this request was written."""


class TaskClosed(Conflict):
    """The task was finished (or taken) before: by whom (empty: by the process), when, and its name."""

    def __init__(self, *, task: str, by: str, at: datetime | None) -> None:
        text = (
            N_("%(by)s has already finished “%(task)s”. What you typed is kept here; copy what you still need.")
            if by
            else N_("“%(task)s” is no longer open: the process moved on. What you typed is kept here.")
        )
        super().__init__(Message(text, {"by": by, "task": task}))
        self.task, self.by, self.at = task, by, at


class Invalid(DomainError):
    """The request says something impossible (422)."""


class FormInvalid(Invalid):
    """Form values need mending; `submission.errors` names each field."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(Message(N_("Some fields need your attention.")))
        self.submission = submission


class Busy(DomainError):
    """There is no room for it just now; the same again in a moment may be done (503)."""

    retry_after = 10
    """Seconds."""


class InstanceStuck(DomainError):
    """The process could not go on: nothing was lost, an incident is open and can be tried again (409)."""

    def __init__(self, *, element: str, reason: Message) -> None:
        super().__init__(
            Message(
                N_(
                    "Your answer is kept, but the process stopped at “%(element)s”: %(reason)s"
                    " The people who look after it see this and can try it again."
                ),
                {"element": element, "reason": reason},
            )
        )
        self.element, self.reason = element, reason
