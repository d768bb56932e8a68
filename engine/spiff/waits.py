"""Owns waiting: what a token waits for, each thing in a slot, and what happens when one has come (13.5.2, 13.5.3).

Firing is a call for one token and one slot.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from engine.definitions.parts import Event
from engine.spiff.parts import Trigger, Wait
from engine.spiff.tokens import WAITING, Token
from engine.step import Values


def listen(token: Token) -> bool:
    """From now on `token` waits for whatever its node says; False if that is nothing."""
    waits = {slot: part.begin(token) for slot, (_, part) in enumerate(token.task_spec.slots)}
    return _keep(token, waits)


def listen_again(token: Token, slot: int, before: Values) -> bool:
    """`token` waits in place of one whose `slot` has been filled: for that anew, for the rest as that one did."""
    waits: dict[int, Wait | None] = {}
    for number, (trigger, part) in enumerate(token.task_spec.slots):
        old = before.get(str(number))
        came = old is not None and (number == slot or trigger.all_of)
        waits[number] = part.again(token, old) if came else old
        if trigger.all_of and came and waits[number] is None:
            return False
    return _keep(token, waits)


def fire(token: Token, slot: int, payload: Values) -> bool:
    """What was waited for has come; False if the token no longer waits for it."""
    if token._state != WAITING or str(slot) not in token.peek().get("waits", {}):
        return False
    come(token, slot, payload)
    return True


def come(token: Token, slot: int, payload: Values) -> None:
    """Fills a slot of a waiting token; its node is told as soon as that is enough."""
    trigger, part = token.task_spec.slots[slot]
    payload = received(part.event, payload)
    before = dict(token.peek().get("waits", {}))
    if trigger.all_of:
        kept, payload = _collected(token, slot, payload)
        if _more_wanted(token, trigger, kept):
            forget(token, came=slot, only=True)
            token.internal_data["came"] = [kept, payload]
            return
        before.update({number: wait for number, wait in kept.items() if wait is not None})
    if "came" in token.peek():
        del token.internal_data["came"]
    forget(token, came=slot)
    token.result = payload
    token.task_spec.happened(token, slot, before)


def _collected(token: Token, slot: int, payload: Values) -> tuple[dict[str, Wait | None], Values]:
    """What has come of a trigger that wants every event: what was waited for, by slot, and what they brought."""
    kept, brought = token.internal_data.pop("came", [{}, {}])
    return {**kept, str(slot): token.peek().get("waits", {}).get(str(slot))}, {**brought, **payload}


def _more_wanted(token: Token, trigger: Trigger, came: Container[str]) -> bool:
    slots = enumerate(token.task_spec.slots)
    return any(one is trigger and str(number) not in came for number, (one, _) in slots)


def received(event: Event | None, payload: Values) -> Values:
    """What a message brings, as the element that catches it wants to have it."""
    return {event.payload_to: payload} if event is not None and event.payload_to else payload


def forget(token: Token, *, came: int | None = None, only: bool = False) -> None:
    """The token waits for nothing any more; or only not for what came, and for the rest as before."""
    if not token.peek().get("waits"):
        return
    slots, waits = token.task_spec.slots, token.internal_data.pop("waits")
    left = {}
    for number, wait in waits.items():
        if only and int(number) != came:
            left[number] = wait
        else:
            slots[int(number)][1].erase(token, int(number), "completed" if int(number) == came else "cancelled")
    if left:
        token.internal_data["waits"] = left
        _write_again(token, left)


def waits_of(token: Token, kind: str) -> Iterator[tuple[int, Wait]]:
    """The slots in which `token` waits for that kind."""
    if token._state == WAITING:
        for number, wait in list(token.peek().get("waits", {}).items()):
            if wait[0] == kind:
                yield int(number), wait


def _keep(token: Token, waits: dict[int, Wait | None]) -> bool:
    kept = {str(slot): wait for slot, wait in waits.items() if wait is not None}
    if kept:
        token.internal_data["waits"] = kept
    for number, wait in kept.items():
        token.task_spec.slots[int(number)][1].write(token, int(number), wait)
    return bool(kept)


def _write_again(token: Token, left: dict[str, Wait]) -> None:
    """The tables forget by token: what it still waits for is told anew."""
    effects = token.workflow.top_workflow.effects
    gone = {"timer": effects.timers_gone, "message": effects.awaited_gone, "signal": effects.awaited_gone}
    for number, wait in left.items():
        if token.id in gone.get(wait[0], ()):
            token.task_spec.slots[int(number)][1].write(token, int(number), wait)
