"""Owns the timeline's words for what befalls a whole ticket: filed, answered for, put off, ended, joined."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.timeline import EventKind

TICKET: Mapping[str, tuple[str, ...]] = {
    EventKind.FILED: (
        N_("%(who)s filed this ticket for %(requester)s (%(channel)s)"),
        N_("%(who)s filed this ticket for %(requester)s"),
        N_("%(who)s filed this ticket"),
        N_("“%(cause)s” started this ticket"),
        N_("This ticket started by itself"),
    ),
    EventKind.ACCEPTED: (
        N_("%(who)s accepted the ticket and answers for it now"),
        N_("The ticket was accepted"),
    ),
    EventKind.OWNER: (
        N_("%(who)s handed the ticket over from %(from)s to %(to)s"),
        N_("%(who)s made %(to)s the owner"),
        N_("%(to)s answers for this ticket now"),
        N_("Nobody answers for this ticket now"),
    ),
    EventKind.STATUS: (
        N_("%(who)s changed the status from %(from)s to %(to)s"),
        N_("The status changed from %(from)s to %(to)s"),
        N_("The status is %(to)s now"),
        N_("The status changed"),
    ),
    EventKind.CLOSED: (
        N_("%(who)s closed the ticket: %(why)s"),
        N_("%(who)s closed the ticket"),
        N_("The ticket was closed: %(why)s"),
        N_("The ticket was closed"),
    ),
    EventKind.ASSIGNED: (
        N_("%(who)s gave “%(task)s” to %(to)s"),
        N_("%(who)s offered the ticket to %(to)s, to be accepted by %(until)s"),
        N_("%(who)s offered the ticket to %(to)s"),
        N_("The ticket was offered to %(to)s, to be accepted by %(until)s"),
        N_("The ticket was offered to %(to)s"),
        N_("The ticket waits for a dispatcher"),
    ),
    EventKind.DECLINED: (
        N_("%(who)s declined the ticket: %(why)s"),
        N_("%(who)s declined the ticket"),
        N_("It was declined"),
    ),
    EventKind.LAPSED: (
        N_("%(from)s did not accept the ticket in time; it goes to %(to)s"),
        N_("%(from)s did not accept the ticket in time; it waits for a dispatcher"),
        N_("The ticket was not accepted in time"),
    ),
    EventKind.SUSPENDED: (
        N_("%(who)s suspended the ticket until %(until)s: %(why)s"),
        N_("%(who)s suspended the ticket: %(why)s"),
        N_("The ticket was suspended"),
    ),
    EventKind.RESUMED: (
        N_("%(who)s resumed the ticket"),
        N_("The ticket resumed by itself: the time set was up"),
    ),
    EventKind.RESOLVED: (
        N_("%(who)s said that it is resolved: %(why)s"),
        N_("%(who)s said that it is resolved"),
        N_("It is resolved"),
    ),
    EventKind.CONFIRMED: (N_("%(who)s confirmed that it is resolved"), N_("It was confirmed")),
    EventKind.REOPENED: (
        N_("%(who)s reopened the ticket: %(why)s"),
        N_("%(who)s reopened the ticket"),
        N_("The ticket was reopened"),
    ),
    EventKind.WITHDRAWN: (
        N_("%(who)s withdrew the ticket: %(why)s"),
        N_("%(who)s withdrew the ticket"),
        N_("The ticket was withdrawn"),
    ),
    EventKind.CC_ADDED: (N_("%(who)s added %(to)s in copy"), N_("%(to)s is in copy"), N_("Somebody is in copy")),
    EventKind.CC_REMOVED: (N_("%(who)s took %(to)s out of the copy"), N_("Somebody is no longer in copy")),
    EventKind.PRIORITY: (
        N_("%(who)s changed the priority from %(from)s to %(to)s"),
        N_("The priority is %(to)s now"),
        N_("The priority changed"),
    ),
    EventKind.TITLE: (N_("%(who)s changed the title from “%(from)s”"), N_("The title changed")),
    EventKind.TAGGED: (
        N_("%(who)s tagged it: %(added)s; removed: %(removed)s"),
        N_("%(who)s tagged it: %(added)s"),
        N_("%(who)s removed from its tags: %(removed)s"),
        N_("The tags changed"),
    ),
    EventKind.LINKED: (
        N_("%(who)s put this ticket below %(parent)s"),
        N_("%(who)s put %(child)s below this ticket"),
        N_("%(who)s linked this ticket with %(number)s"),
        N_("This ticket was linked with %(number)s"),
        N_("This ticket was linked"),
    ),
    EventKind.UNLINKED: (
        N_("%(who)s took this ticket out from below %(parent)s"),
        N_("%(who)s removed the link with %(number)s"),
        N_("A link was removed"),
    ),
    EventKind.MERGED: (
        N_("%(who)s merged this ticket into %(number)s"),
        N_("This ticket was merged into %(number)s"),
        N_("This ticket was merged"),
    ),
    EventKind.ABSORBED: (
        N_("%(who)s merged %(number)s into this ticket"),
        N_("%(number)s was merged into this ticket"),
        N_("Another ticket was merged into this one"),
    ),
    EventKind.DUE_SOON: (
        N_("The first reply is due soon: %(reply)s"),
        N_("It is due soon: %(due)s"),
        N_("It is due soon"),
    ),
    EventKind.OVERDUE: (
        N_("The first reply is overdue since %(reply)s"),
        N_("It is overdue since %(due)s"),
        N_("It is overdue"),
    ),
    EventKind.ESCALATED: (N_("It is overdue, so %(to)s was told"), N_("It was escalated")),
    EventKind.DEPARTED: (
        N_("%(from)s has left; “%(task)s” waits for %(to)s now"),
        N_("%(from)s has left; “%(task)s” waits for others again"),
        N_("%(from)s has left; %(to)s answers for this ticket now"),
        N_("%(from)s has left; this ticket waits for a dispatcher"),
        N_("Somebody who worked on it has left"),
    ),
    EventKind.SUBJECTS_MOVED: (
        N_("%(to)s looks after %(names)s now"),
        N_("Somebody else looks after them now"),
    ),
    EventKind.SUBJECTS_GIVEN: (
        N_("%(from)s has left, and %(count)s of those they looked after are with %(to)s now: %(names)s"),
        N_("Somebody has left, and others look after what was theirs"),
    ),
    EventKind.CAME_BACK: (N_("The departure of %(from)s was undone"), N_("A departure was undone")),
    EventKind.RATED: (N_("%(who)s rated it %(stars)s of 5"), N_("It was rated")),
    EventKind.ERASED: (N_("Personal data was erased"),),
}
