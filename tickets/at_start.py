"""Owns what a type's own settings say of a new ticket: who answers for it from the start, and its title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from engine.definitions.parts import Expr
from engine.definitions.wording import compile_expr
from engine.expressions import EvaluationError, Expression, ExpressionError, to_json
from engine.spiff.build import Blueprint
from engine.spiff.workflow import date_functions
from engine.step import StepFailed, Values, World
from tickets.case import Case, Someone
from tickets.names import People
from tickets.texts import is_hidden

MAX_TITLE = 200


def owner_of(blueprint: Blueprint, session: Session, case: Case, world: World, data: Values) -> Someone | None:
    """Who answers for it from the start, if the type names a person; a role is offered it instead."""
    text = blueprint.compiled.process.settings.get("owner", "")
    if not text:
        return None
    people = People(session, case)
    found = people.find(_evaluate("owner", text, data, world))
    return people.superior(found) if found is not None and found.departed else found


def title_of(blueprint: Blueprint, case: Case, world: World, name: str, data: Values) -> str:
    """As the type's `title` says, else the type's `name`."""
    text = blueprint.compiled.process.settings.get("title", "")
    if not text:
        return name[:MAX_TITLE]
    found = str(_evaluate("title", text, data, replace(world, names=case.names())))
    shown = "".join(character for character in " ".join(found.split()) if not is_hidden(character))
    return shown[:MAX_TITLE] or name[:MAX_TITLE]


def _evaluate(setting: str, text: str, data: Mapping[str, Any], world: World) -> Any:
    """The value of a setting; a failure stops the start and names the setting."""
    try:
        functions = {**date_functions(world), **world.functions}
        return to_json(_compiled(text).evaluate({**data, **world.names}, functions=functions))
    except EvaluationError as error:
        raise StepFailed(setting, error.message) from None


def _compiled(text: str) -> Expression:
    """A setting that is one `${…}` gives its value, so that a person stays a person; other text is a template."""
    if text.startswith("${") and text.endswith("}"):
        try:
            return compile_expr(Expr(text, "juel"))
        except ExpressionError:
            pass
    return compile_expr(Expr(text, "literal"))
