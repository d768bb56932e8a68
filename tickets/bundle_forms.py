"""Owns finding the form of each element of an upload: its `.form` file by name or id, or the fields drawn into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from engine.definitions import At, Bundle, Node, Report
from engine.definitions.model import FormField
from engine.expressions import N_
from forms import CamundaField, Form, camunda_problems, form_from_camunda, read_form


@dataclass
class Forms:
    """The forms of an upload by name, which element of which process shows which, and those shown at all by digest."""

    by_name: dict[str, Form] = field(default_factory=dict)
    of_element: dict[str, dict[str, str]] = field(default_factory=dict)
    used: dict[str, Form] = field(default_factory=dict)


def bind_forms(files: Mapping[str, bytes], bundle: Bundle) -> Forms:
    """Reads the forms of an upload and finds each element's; what is wrong or missing goes to the bundle's report.

    What a process deployed before has bound already stays bound as it was.
    """
    forms, report = Forms(), bundle.report
    for path in sorted(path for path in files if path.lower().endswith((".form", ".json"))):
        report.file = path
        form, problems = read_form(files[path])
        report.extend(problems)
        forms.by_name[PurePosixPath(path).name] = forms.by_name[PurePosixPath(path).stem] = form
        if form.id:
            forms.by_name[form.id] = form
    for path, compiled in bundle.definitions:
        report.file = path
        bound = forms.of_element.setdefault(compiled.process.id, dict(compiled.forms))
        for process in (compiled.process, *compiled.called.values()):
            for node in (node for node in process.scope.walk() if node.id not in compiled.forms):
                shown = _form_of(node, forms, report)
                if shown is not None:
                    bound[node.id] = shown.digest
                    forms.used[shown.digest] = shown
    return forms


def _form_of(node: Node, forms: Forms, report: Report) -> Form | None:
    name = node.work.form if node.work is not None else ""
    if name:
        form = forms.by_name.get(name) or forms.by_name.get(PurePosixPath(name).name)
        if form is None:
            problem = N_("The form “%(form)s” is not in this upload.")
            remedy = N_("Upload the .form file together with the process, or clear the form reference.")
            report.error("form-missing", At(node.id, node.name, node.line), problem, remedy, form=name)
        return form
    if not node.fields:
        return None
    fields = [_camunda_field(field) for field in node.fields]
    report.extend(camunda_problems(fields, file=report.file))
    form, problems = read_form(form_from_camunda(fields))
    report.extend(problems)
    return form


def _camunda_field(field: FormField) -> CamundaField:
    constraints = dict(field.constraints)
    return CamundaField(
        id=field.id,
        label=field.label,
        type=field.type,
        default=field.default,
        pattern=constraints.pop("datePattern", ""),
        values=field.values,
        constraints=tuple(constraints.items()),
        line=field.line,
    )
