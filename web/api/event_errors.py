"""Owns the error of what is no CloudEvent."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_, Message
from tickets.errors import Invalid


class EventInvalid(Invalid):
    """What came is no CloudEvent; `errors` says of each attribute what is wrong."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(
            Message(N_("This is not an event as CloudEvents 1.0 has them; “errors” names each attribute."))
        )
        self.errors = dict(errors)
