"""Owns how the matrix looks: icon and tone of each state, scores and their formula, periods in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tickets.standards.matrix.period import Period
from tickets.standards.matrix.states import WORDS, State, Tally, rounded
from web.language import gettext as _
from web.language import language
from web.states import Look

LOOKS: Mapping[State, Look] = {
    State.IN_TIME: Look("check", "t-green", WORDS[State.IN_TIME]),
    State.LATE: Look("clock-exclamation", "t-orange", WORDS[State.LATE]),
    State.OVERDUE: Look("alert-triangle", "t-red", WORDS[State.OVERDUE]),
    State.MISSING: Look("x", "t-red", WORDS[State.MISSING]),
    State.WAIVED: Look("slash", "t-violet", WORDS[State.WAIVED]),
    State.NOT_YET_DUE: Look("circle", "t-grey", WORDS[State.NOT_YET_DUE]),
}
"""In the order of legends, bars and lists."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A score as it is shown, with the numbers that it is made of; `score` is empty where nothing was due."""

    score: str
    short: str
    whole: str
    tone: str


def formula(tally: Tally) -> Formula:
    """The score's formula with its numbers: 100 × (41 + ½ × 2 − ½ × 1) ÷ (41 + 2 + 3 + 0) = 90.2."""
    score = rounded(tally.score)
    if score is None:
        return Formula("", "", _("Nothing was due."), "t-grey")
    in_time, late, overdue, missing = tally.counts[:4]
    points = max(0, 2 * in_time + late - tally.failed)
    whole = (
        f"100 × ({in_time:,} + ½ × {late:,} − ½ × {tally.failed:,}) ÷ "
        f"({in_time:,} + {late:,} + {overdue:,} + {missing:,}) = {score:.1f}"
    )
    if 2 * in_time + late < tally.failed:
        whole += f" ({_('never below 0')})"
    tone = "t-green" if score >= 90 else "t-orange" if score >= 75 else "t-red"
    return Formula(f"{score:.1f}", f"{points // 2:,}{'½' if points % 2 else ''} ÷ {tally.due:,}", whole, tone)


def period_words(period: Period) -> str:
    """A period as people say it: 2026 年 11 月, Nov 2026, Q4 2026, or its days."""
    if not period.name:
        return f"{period.first.isoformat()} – {period.last.isoformat()}"
    year = period.first.year
    if period.is_quarter:
        number = period.name[-1]
        return f"{year} 年第 {number} 季度" if language() == "zh" else f"Q{number} {year}"
    return f"{year} 年 {period.first.month} 月" if language() == "zh" else f"{_MONTHS[period.first.month - 1]} {year}"


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
