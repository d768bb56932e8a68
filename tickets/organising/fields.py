"""Owns refusals that name fields: what is wrong with each, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_, Message
from tickets.errors import Invalid


class FieldsInvalid(Invalid):
    """Some values need mending; `errors` says which and how."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(Message(N_("Some fields need your attention.")))
        self.errors = dict(errors)


def wrong(field: str, text: str, **params: object) -> FieldsInvalid:
    """One field needs mending."""
    return FieldsInvalid({field: Message(text, params)})
