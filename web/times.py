"""Owns how moments and spans are said (today 18:00, 11-21, 1 h 20 left), in the reader's language and zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.expressions import Message
from forms.sentences import Words
from web.context import now
from web.language import gettext as _
from web.language import in_full, language, time_zone, worded

SOON = timedelta(hours=2)


def when(moment: datetime, *, clock: bool = True) -> str:
    """A moment as people say it; with `clock=False` (in lists) the time of day only for today."""
    days = (_("Yesterday"), _("Today"), _("Tomorrow"))
    return _said(moment, days, clock=clock)


def within(moment: datetime, *, clock: bool = True) -> str:
    """A moment within a sentence: by tomorrow 18:00."""
    days = (_("yesterday"), _("today"), _("tomorrow"))
    return Words(_said(moment, days, clock=clock))


def _said(moment: datetime, days: tuple[str, str, str], *, clock: bool) -> str:
    """`days`: what yesterday, today and tomorrow are called."""
    local, today = moment.astimezone(time_zone()), now().astimezone(time_zone()).date()
    time, ahead = local.strftime("%H:%M"), (local.date() - today).days
    if ahead == 0 and not clock:
        return time
    day = days[ahead + 1] if abs(ahead) < 2 else calendar_day(local.date())
    return f"{day} {time}" if clock else day


def calendar_day(day: date) -> str:
    """11-21 or 21 Nov, with the year only when it is another."""
    this_year = now().astimezone(time_zone()).year == day.year
    if language() == "zh":
        return day.strftime("%m-%d" if this_year else "%Y-%m-%d")
    return f"{day.day} {_MONTHS[day.month - 1]}" + ("" if this_year else f" {day.year}")


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def exact(moment: datetime) -> str:
    """A moment in full, for a tooltip: 2026-11-21 09:47."""
    return in_full(moment)


def sentence(message: Message) -> str:
    """What befell a ticket, its moments said as the pages say theirs."""
    return worded(message, within)


def span(length: timedelta) -> str:
    """A length of time in at most two units: 25 min, 1 h 20, 3 h, 4 d."""
    minutes = max(int(length.total_seconds()) // 60, 1)
    hours, days = minutes // 60, minutes // 1440
    if days >= 2 or (days == 1 and hours < 26):
        return _("%(days)s d", days=days)
    if hours >= 6 or (hours and not minutes % 60):
        return _("%(hours)s h", hours=hours)
    if hours:
        return _("%(hours)s h %(minutes)s", hours=hours, minutes=f"{minutes % 60:02d}".lstrip("0"))
    return _("%(minutes)s min", minutes=minutes)


def till(due: datetime) -> str:
    """By when it is due: the moment, which is true whatever hours count; how long once it is soon, or over."""
    if due - now() >= SOON:
        return _("by %(time)s", time=within(due))
    return remaining(due)


def remaining(due: datetime) -> str:
    """How long there is until then, or how long it has been over."""
    left = due - now()
    if left >= timedelta(0):
        return _("%(span)s left", span=span(left))
    return _("%(span)s over", span=span(-left))
