"""Owns how a notice addresses its reader: as “you” where the event speaks of them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_, Message

YOU = Message(N_("you"))
AS_YOU: Mapping[tuple[str, str], str] = {
    ("to", N_("%(to)s answers for this ticket now")): N_("You answer for this ticket now"),
    ("to", N_("%(from)s has left; %(to)s answers for this ticket now")): N_(
        "%(from)s has left; you answer for this ticket now"
    ),
    ("to", N_("%(from)s has left, and %(count)s of those they looked after are with %(to)s now: %(names)s")): N_(
        "%(from)s has left, and %(count)s of those they looked after are with you now: %(names)s"
    ),
    ("to", N_("%(to)s helps with “%(task)s”")): N_("You help with “%(task)s”"),
    ("to", N_("%(to)s is in copy")): N_("You are in copy"),
    ("to", N_("It is overdue, so %(to)s was told")): N_("It is overdue, so you are told"),
    ("to", N_("Nobody answered the urge, so %(to)s was told")): N_("Nobody answered the urge, so you are told"),
    ("away", N_("“%(task)s” waits for %(to)s, because %(away)s is away")): N_(
        "“%(task)s” waits for %(to)s, because you are away"
    ),
    ("from", N_("%(from)s did not accept the ticket in time; it goes to %(to)s")): N_(
        "You did not accept the ticket in time; it goes to %(to)s"
    ),
    ("from", N_("%(from)s did not accept the ticket in time; it waits for a dispatcher")): N_(
        "You did not accept the ticket in time; it waits for a dispatcher"
    ),
    ("helper", N_("%(helper)s no longer helps with “%(task)s”")): N_("You no longer help with “%(task)s”"),
}
"""By whom the reader is in it and the timeline's words: theirs, where “you” for the name would not read well.

Who did it is never told, so that `who` is never the reader.
"""


def to_reader(told: Message) -> Message:
    """The words of an event in which the reader's name is YOU."""
    whose = (name for name, value in told.params.items() if value is YOU)
    template = next((AS_YOU[name, told.text] for name in whose if (name, told.text) in AS_YOU), told.text)
    return Message(template, {name: value for name, value in told.params.items() if f"%({name})s" in template})
