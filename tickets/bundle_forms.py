"""Owns finding the form of each element of an upload: its `.form` file by name or id, or the fields drawn into it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from engine.definitions import At, Bundle, FormKeys, Node, Report
from engine.definitions.model import FormField
from engine.expressions import N_, Problem
from forms import CamundaField, Form, camunda_problems, form_from_camunda, read_form


@dataclass
class Forms:
    """The forms of an upload by name, which element of which process shows which, and those shown at all by digest."""

    by_name: dict[str, Form] = field(default_factory=dict)
    of_element: dict[str, dict[str, str]] = field(default_factory=dict)
    used: dict[str, Form] = field(default_factory=dict)

    def add(self, path: str, form: Form) -> None:
        self.by_name[PurePosixPath(path).name] = self.by_name[PurePosixPath(path).stem] = form
        if form.id:
            self.by_name[form.id] = form

    def find(self, name: str) -> Form | None:
        return self.by_name.get(name) or self.by_name.get(PurePosixPath(name).name)


def keys_of(files: Mapping[str, bytes]) -> FormKeys:
    """What the forms of an upload set; they are read when a process first asks."""

    @functools.cache
    def by_name() -> Forms:
        forms = Forms()
        for path, form, _ in _read(files):
            forms.add(path, form)
        return forms

    def keys(name: str, text: str) -> frozenset[str] | None:
        form = read_form(text)[0] if text else by_name().find(name)
        return form.names if form is not None else None

    return keys


def bind_forms(files: Mapping[str, bytes], bundle: Bundle) -> Forms:
    """Reads the forms of an upload and finds each element's; what is wrong or missing goes to the bundle's report.

    What a process deployed before has bound already stays bound as it was.
    """
    forms, report = Forms(), bundle.report
    for path, form, problems in _read(files):
        report.file = path
        report.extend(problems)
        forms.add(path, form)
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


def _read(files: Mapping[str, bytes]) -> Iterator[tuple[str, Form, list[Problem]]]:
    for path in sorted(path for path in files if path.lower().endswith((".form", ".json"))):
        form, problems = read_form(files[path])
        yield path, form, problems


def _form_of(node: Node, forms: Forms, report: Report) -> Form | None:
    name = node.work.form if node.work is not None else ""
    if name:
        form = forms.find(name)
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
