"""Owns what an upload is told of its tasks' evidence: what can't be read or given is refused before anybody waits."""

from __future__ import annotations

from engine.definitions import At, Compiled, Node, Report
from engine.definitions.kinds import PEOPLES
from engine.expressions import N_
from forms import Form
from forms.evidence import HOLDS, MOST
from forms.fields import ChoiceField, EvidenceKind, Field, FileField
from forms.form import walk
from tickets.bundle_forms import Forms
from tickets.evidence.wanted import CONFIRMATION, Senseless, parse

SETTING = "evidence"


def check_evidence(compiled: Compiled, forms: Forms, report: Report) -> None:
    """Looks at what the tasks of an upload's process ask for, and whether their forms can hold it."""
    bound = forms.of_element.get(compiled.process.id, {})
    for node in compiled.process.scope.walk():
        if text := node.settings.get(SETTING, "").strip():
            _check(node, text, forms.used.get(bound.get(node.id, "")), report)


def _check(node: Node, text: str, form: Form | None, report: Report) -> None:
    at = At(node.id, node.name, node.line)
    if node.kind not in PEOPLES:
        problem = N_("Evidence is asked for, but this is no person's task.")
        report.error("evidence-task", at, problem, N_("Give `evidence` to user tasks only."))
        return
    try:
        wanted = parse(text)
    except Senseless as senseless:
        report.error("evidence", at, senseless.problem.text, senseless.remedy.text, **_params(senseless))
        return
    for kind, least in wanted.items():
        if kind != CONFIRMATION:
            _check_held(EvidenceKind(kind), least, form, at, report)


def _params(senseless: Senseless) -> dict[str, object]:
    return {**senseless.problem.params, **senseless.remedy.params}


def _check_held(kind: EvidenceKind, least: int, form: Form | None, at: At, report: Report) -> None:
    fields = [field for field in (walk(form.fields, lists=True) if form is not None else ()) if _holds(field, kind)]
    if not fields:
        kinds = ", ".join(str(each) for each, held in HOLDS.items() if kind in held)
        problem = N_("The evidence “%(kind)s” is asked for, but no field of the task's form holds it.")
        remedy = N_("Give a field of type %(types)s the property evidence = %(kind)s.")
        report.error("evidence-field", at, problem, remedy, kind=str(kind), types=kinds)
    elif sum(_most(field) for field in fields) < least:
        problem = N_("The evidence “%(kind)s” needs %(least)s, but the form takes fewer.")
        remedy = N_("Let its field take more (multiple, max), or ask for fewer.")
        report.error("evidence-most", at, problem, remedy, kind=str(kind), least=least)


def _holds(field: Field, kind: EvidenceKind) -> bool:
    return field.evidence is not None and field.evidence.kind is kind


def _most(field: Field) -> int:
    """How many a field can hold at most; many where its data decide."""
    assert field.evidence is not None
    if field.evidence.most:
        return field.evidence.most
    if isinstance(field, FileField):
        return field.most if field.multiple is not False else 1
    if isinstance(field, ChoiceField) and field.options:
        return len(field.options)
    return MOST[field.evidence.kind]
