"""Owns `gongdan audit`: says each difference that a recount finds as it is found, then how many there were."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from tickets.recount.found import Difference
from tickets.recount.walk import batches
from tickets.runtime import Runtime


def audit(runtime: Runtime, *, after: int, replaying: bool, as_json: bool, say: Callable[[str], object]) -> bool:
    """Whether nothing differs. Told along: the id of the last ticket looked at, from which a later run may go on."""
    tickets, count, last = 0, 0, after
    for upto, looked_at, found in batches(runtime, after=after, replaying=replaying):
        tickets, count, last = tickets + looked_at, count + len(found), upto
        for difference in found:
            say(_line(difference, as_json=as_json))
    say(_summary(tickets, count, last, as_json=as_json))
    return not count


def _line(difference: Difference, *, as_json: bool) -> str:
    if not as_json:
        return f"{difference.ticket}  {difference.check}: {difference.said}"
    facts = {"ticket": difference.ticket, "check": difference.check.value, "said": str(difference.said)}
    return orjson.dumps(facts).decode()


def _summary(tickets: int, count: int, last: int, *, as_json: bool) -> str:
    if as_json:
        return orjson.dumps({"tickets": tickets, "differences": count, "last": last}).decode()
    found = "nothing differs" if not count else "one difference" if count == 1 else f"{count} differences"
    return f"{tickets} tickets looked at, up to the id {last}: {found}."
