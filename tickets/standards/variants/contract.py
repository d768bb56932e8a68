"""Owns what a standard's steps ask for, and whether a variant's ask for as much: deadline, evidence, form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.definitions import Compiled
from engine.definitions.model import Node
from engine.expressions import N_, Level, Message, Problem
from engine.spiff.working_time import counts_working_time
from engine.timing import Duration
from tickets.standards.said import DEADLINE, NotSaid, SaidStep, is_mandatory, read_deadline, steps_said
from tickets.standards.variants.ways import by_id

EVIDENCE = "evidence"
Form = Mapping[str, Any]
"""A form's file, as its JSON says it."""
_LEAST_MONTH, _MOST_MONTH = 28, 31


@dataclass(frozen=True)
class Version:
    """A definition with its forms, by their digests."""

    compiled: Compiled
    forms: Mapping[str, Form]

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by its id."""
        return by_id(self.compiled)

    def form_of(self, node_id: str) -> tuple[str, Form]:
        """The digest and the content of a task's form; both empty where it has none."""
        digest = self.compiled.forms.get(node_id, "")
        return digest, self.forms.get(digest, {})

    def is_working(self, node: Node) -> bool:
        """Whether a step's deadline counts working time."""
        owner, _, rest = node.id.partition("/")
        process = self.compiled.called.get(owner) if rest else None
        settings = [process.settings] if process is not None else []
        return counts_working_time(node.settings, *settings, self.compiled.process.settings)


def check_contract(standard: Version, variant: Version) -> Iterator[Problem]:
    """What a variant's mandatory steps lack of what the standard's ask for."""
    theirs = {step.key: step for step in steps_said(variant.compiled)}
    for step in steps_said(standard.compiled):
        if step.mandatory:
            yield from _step(step, theirs.get(step.key), standard, variant)


def _step(step: SaidStep, its: SaidStep | None, standard: Version, variant: Version) -> Iterator[Problem]:
    model = standard.nodes[step.elements[0]]
    if its is None:
        process = variant.compiled.process
        problem = N_("The mandatory step “%(step)s” (%(key)s) of the group's standard is missing.")
        remedy = N_("Put its task back, with the property “standardStep” set to “%(key)s”.")
        words = {"step": step.name, "key": step.key}
        yield Problem(
            Level.ERROR,
            "variant-step-missing",
            Message(problem, words),
            Message(remedy, words),
            process.id,
            process.name,
            process.line,
        )
        return
    for ident in its.elements:
        same = standard.nodes.get(ident) if ident in step.elements else None
        yield from _task(variant.nodes[ident], same or model, standard, variant, step)


def _task(node: Node, model: Node, standard: Version, variant: Version, step: SaidStep) -> Iterator[Problem]:
    """One task that is the step: it asks for no less than the standard's task of that id, else the step's first."""
    if is_mandatory(model.settings) and not is_mandatory(node.settings):
        problem = N_("The step “%(step)s” is mandatory in the group's standard, and not here.")
        yield _problem(node, problem, N_("Delete “mandatory = false”."), step=step.name)
    if _is_longer(node, model, standard, variant):
        problem = N_("The deadline of “%(step)s” is %(its)s; the group's standard asks for %(asked)s.")
        its, asked = node.settings.get(DEADLINE, "").strip() or "–", model.settings.get(DEADLINE, "")
        yield _problem(
            node, problem, N_("Set it to %(asked)s or less."), step=step.name, its=its[:40], asked=asked.strip()[:40]
        )
    mine = evidence_said(node.settings.get(EVIDENCE, ""))
    for kind, least in evidence_said(model.settings.get(EVIDENCE, "")).items():
        if mine.get(kind, 0) < least:
            problem = N_(
                "The step “%(step)s” asks for less evidence than the group's standard: %(kind)s, at least %(least)s."
            )
            yield _problem(
                node,
                problem,
                N_("Ask for it: evidence = %(kind)s:%(least)s."),
                step=step.name,
                kind=kind[:40],
                least=least,
            )
    yield from _form(node, model, standard, variant, step)


def _is_longer(node: Node, model: Node, standard: Version, variant: Version) -> bool:
    """Whether the variant gives more time: for sure, or in some months."""
    asked, its = model.settings.get(DEADLINE, "").strip(), node.settings.get(DEADLINE, "").strip()
    if not asked:
        return False
    slower = variant.is_working(node) and not standard.is_working(model)
    if asked == its:
        return slower
    try:
        wanted, found = read_deadline(asked), read_deadline(its)
    except NotSaid:
        return True
    return slower or not _is_within(found, wanted)


def _is_within(found: Duration, wanted: Duration) -> bool:
    parts = found.months <= wanted.months and found.days <= wanted.days and found.seconds <= wanted.seconds
    return parts or _total(found, _MOST_MONTH) <= _total(wanted, _LEAST_MONTH)


def _total(duration: Duration, month: int) -> float:
    return (duration.months * month + duration.days) * 86_400 + duration.seconds


def evidence_said(text: str) -> dict[str, int]:
    """`photo:2 confirmation` as the least number of each kind; what is not understood counts once."""
    found: dict[str, int] = {}
    for word in text.split():
        kind, _, number = word.partition(":")
        least = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
        found[kind] = max(found.get(kind, 0), least)
    return found


def _form(node: Node, model: Node, standard: Version, variant: Version, step: SaidStep) -> Iterator[Problem]:
    asked, its = standard.form_of(model.id), variant.form_of(node.id)
    if asked[0] == its[0]:
        return
    mine = _fields(its[1])
    for name, field in _fields(asked[1]).items():
        found = mine.get(name)
        if found is None or found.get("type") != field.get("type"):
            problem = N_("The form of “%(step)s” lacks the field “%(field)s” of the group's standard.")
            yield _problem(node, problem, N_("Take the field over from the group's form."), step=step.name, field=name)
        elif _asks_less(found, field):
            problem = N_("The field “%(field)s” of “%(step)s” asks for less than the group's standard does.")
            remedy = N_(
                "Take its rules over from the group's form: required, hidden, the least number and the evidence."
            )
            yield _problem(node, problem, remedy, step=step.name, field=name)


def _fields(form: Form) -> dict[str, Form]:
    """A form's fields by their keys, those inside groups with the path to them."""
    found: dict[str, Form] = {}
    ahead = [(form, "")]
    while ahead:
        around, path = ahead.pop()
        components = around.get("components")
        for each in components if isinstance(components, list) else ():
            if not isinstance(each, dict):
                continue
            name = str(each.get("key") or each.get("path") or "")
            if each.get("key"):
                found[f"{path}{name}"[:200]] = each
            if "components" in each:
                ahead.append((each, f"{path}{name}." if name else path))
    return found


def _asks_less(found: Form, field: Form) -> bool:
    """Whether a field takes what the standard's does not: its rules, and what is asked of it as evidence."""
    rules, asked = _part(found, "validate"), _part(field, "validate")
    lower = any(_number(rules.get(name)) < _number(asked.get(name)) for name in ("min", "minLength") if name in asked)
    said, wanted = _part(found, "properties"), _part(field, "properties")
    other = any(said.get(name) != wanted[name] for name in (EVIDENCE, "after") if name in wanted)
    fewer = "min" in wanted and _number(said.get("min")) < _number(wanted["min"])
    loose = bool(asked.get("required")) and not rules.get("required")
    hidden = found.get("conditional") != field.get("conditional") or bool(found.get("readonly")) != bool(
        field.get("readonly")
    )
    pattern = "pattern" in asked and rules.get("pattern") != asked["pattern"]
    return lower or other or fewer or loose or hidden or pattern


def _part(field: Form, name: str) -> Form:
    found = field.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float:
    try:
        return float(str(value)) if value is not None else float("-inf")
    except ValueError:
        return float("-inf")


def _problem(node: Node, problem: str, remedy: str, **params: object) -> Problem:
    code = "variant-step-less"
    return Problem(Level.ERROR, code, Message(problem, params), Message(remedy, params), node.id, node.name, node.line)
