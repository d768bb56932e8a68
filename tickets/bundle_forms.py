"""Owns finding the form of each element of an upload: a file's, one inside the process, or the fields drawn into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath

from engine.definitions import At, Bundle, FormKeys, Node, Process, Report
from engine.definitions.adhoc import ASKED, FINISHED
from engine.definitions.asking.questions import OTHER_LABEL
from engine.definitions.parts import FormField
from engine.expressions import N_, Problem
from forms import CamundaField, Form, camunda_problems, form_from_camunda, read_form
from forms.formats import Format, format_of, name_of, read_any
from forms.source import MAX_BYTES

FORM, JSON = ".form", ".json"
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:.*|.*\.(?:x?html?|jsf|jspx?|xhtml|vue|js)", re.IGNORECASE | re.DOTALL)
"""Form keys that name a page of another application."""
OF_CAMUNDA = re.compile(r"(?:camunda-forms:)?(?:embedded:)?(?:app|deployment):(?:.*/)?([^/]+)", re.DOTALL)
"""How Camunda's form keys say where a file is; in an upload it is beside the process."""
MOST_BYTES = 3 * 1024 * 1024
MOST_ENTRIES = 60_000
"""Of all the forms of an upload together: reading them takes a request's time."""


@dataclass
class Library:
    """The forms of an upload, found by their file's name, with ending or without, or by what they call themselves."""

    files: Mapping[str, bytes]
    _read: dict[tuple[str, str], tuple[Form, list[Problem]]] = field(default_factory=dict)

    @cached_property
    def formats(self) -> Mapping[str, Format]:
        """What each file is that might be a form, by its path; nothing where it is too much to look at."""
        return {path: format_of(self.files[path]) for path in self._paths} if not self.is_too_much else {}

    @cached_property
    def is_too_much(self) -> bool:
        """Whether the forms are more together than an upload may hold; one too large by itself is not read anyway."""
        read = [self.files[path] for path in self._paths if len(self.files[path]) <= MAX_BYTES]
        return sum(map(len, read)) > MOST_BYTES or sum(content.count(b":") for content in read) > MOST_ENTRIES

    @cached_property
    def drawn(self) -> list[str]:
        """The paths of files that are forms by themselves: these are looked at whether or not a task shows them."""
        return [
            path
            for path, found in self.formats.items()
            if found is Format.FORM_JS or (path.lower().endswith(FORM) and found is not Format.TEXT)
        ]

    def find(self, name: str) -> str | None:
        """The path of the form that a task calls so; what only another application can show is none."""
        file = OF_CAMUNDA.fullmatch(name)
        own = file[1] if file is not None else PurePosixPath(name).name
        path = self._names.get(name) or self._names.get(own) if name else None
        return path if path is not None and self.formats[path] is not Format.TEXT else None

    def file(self, name: str) -> str | None:
        """The path of a file by its name alone."""
        return next((path for path in self.formats if path == name or PurePosixPath(path).name == name), None)

    def read(self, path: str, layout: str = "") -> tuple[Form, list[Problem]]:
        """A file's form, its fields laid out by another file, and what is wrong with it."""
        if (path, layout) not in self._read:
            self._read[path, layout] = read_any(self.files[path], self.files.get(layout, b""), file=path)
        return self._read[path, layout]

    @cached_property
    def _paths(self) -> list[str]:
        return [path for path in sorted(self.files) if path.lower().endswith((FORM, JSON))]

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """By file name first; a form's own id or key wins over other files' names, as it always has."""
        found: dict[str, str] = {}
        for path, kind in self.formats.items():
            if kind is not Format.LAYOUT:
                found[PurePosixPath(path).name] = path
            if kind not in (Format.LAYOUT, Format.OTHER) or path.lower().endswith(FORM):
                found[PurePosixPath(path).stem] = path
        for path, kind in self.formats.items():
            if kind in (Format.FORM_JS, Format.FLOWABLE, Format.SCHEMA) and (own := name_of(self.files[path])):
                found[own] = path
        return found


@dataclass
class Forms:
    """Which element of which process shows which form of an upload, and those shown at all by digest."""

    library: Library
    report: Report
    of_element: dict[str, dict[str, str]] = field(default_factory=dict)
    used: dict[str, Form] = field(default_factory=dict)
    _reported: set[tuple[str, str]] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)

    def read(self, path: str, layout: str = "") -> Form:
        """The form; what is wrong with it is reported the first time."""
        form, problems = self.library.read(path, layout)
        if (path, layout) not in self._reported:
            self._reported.add((path, layout))
            self.report.extend(problems)
        return form

    def tell_of_idle(self) -> None:
        """Of each form that nothing shows: whoever has uploaded it thinks that something does."""
        for path in self.library.drawn:
            if path not in self._shown:
                self.report.file = path
                problem = N_("No start event and no task of this upload shows this form.")
                remedy = N_("Name it at the element that is to show it (formRef), or leave it out.")
                self.report.note("form-idle", At(), problem, remedy)

    def of(self, node: Node, process: Process) -> Form | None:
        """What an element shows: its form, with the fields drawn into it that the form does not have."""
        form = self._named(node, process)
        if not node.fields:
            return form
        names = form.names if form is not None else frozenset()
        added = [each for each in node.fields if each.id.partition(".")[0] not in names]
        return self._with(form, added, node) if added or form is None else form

    def _named(self, node: Node, process: Process) -> Form | None:
        name = node.work.form if node.work is not None else ""
        if text := process.forms.get(name, ""):
            form, problems = read_form(text)
            self.report.extend(replace(problem, line=node.line, file=self.report.file) for problem in problems)
            return form
        path = self.library.find(name)
        if path is not None:
            self._shown.add(path)
            return self.read(path, self._layout(node))
        if name:
            self._miss(node, name)
        return None

    def _layout(self, node: Node) -> str:
        name = node.work.layout if node.work is not None else ""
        path = self.library.file(name) if name else ""
        if path is None:
            problem = N_("The form's layout “%(layout)s” is not in this upload; the form is shown without it.")
            remedy = N_("Upload the file together with the process.")
            self.report.warning("layout-missing", _at(node), problem, remedy, layout=name)
        return path or ""

    def _miss(self, node: Node, name: str) -> None:
        if ELSEWHERE.fullmatch(name) or self.library.file(PurePosixPath(name).name):
            problem = N_("The form “%(form)s” is a page of another application; no form is shown here.")
            remedy = N_("Draw the form with a form editor and upload it as a .form file.")
            self.report.warning("form-elsewhere", _at(node), problem, remedy, form=name[:200])
            return
        problem = N_("The form “%(form)s” is not in this upload; no form is shown here.")
        remedy = N_("Upload the .form file together with the process, or clear the form reference.")
        self.report.warning("form-missing", _at(node), problem, remedy, form=name[:200])

    def _with(self, form: Form | None, fields: list[FormField], node: Node) -> Form:
        inside = {inner.id: inner.names for inner in node.body.nodes} if node.body is not None else {}
        drawn = [_camunda_field(each, inside) for each in fields]
        self.report.extend(camunda_problems(drawn, file=self.report.file))
        made = form_from_camunda(drawn)
        if form is not None:
            made = {**form.source, "components": [*form.source.get("components", []), *made["components"]]}
        whole, problems = read_form(made)
        self.report.extend(problems if form is None else [each for each in problems if each.level != "warning"])
        return whole


def keys_of(library: Library) -> FormKeys:
    """What the forms of an upload set; they are read when a process first asks."""

    def keys(name: str, text: str) -> frozenset[str] | None:
        if text:
            return read_form(text)[0].names
        path = library.find(name)
        return library.read(path)[0].names if path is not None else None

    return keys


def bind_forms(library: Library, bundle: Bundle) -> Forms:
    """Finds each element's form; what is wrong or missing goes to the bundle's report.

    What a process deployed before has bound already stays bound as it was.
    """
    report = bundle.report
    forms = Forms(library, report)
    if library.is_too_much:
        report.file = ""
        problem = N_(
            "The forms of this upload are larger than %(size)s MB together, or have more than %(count)s entries."
        )
        remedy = N_("Upload fewer processes at once.")
        report.error("forms-too-large", At(), problem, remedy, size=MOST_BYTES // 1_048_576, count=MOST_ENTRIES)
        return forms
    for path in forms.library.drawn:
        report.file = path
        forms.read(path)
    for path, compiled in bundle.looked_at:
        report.file = path
        bound = forms.of_element.setdefault(compiled.process.id, dict(compiled.forms))
        for process in (compiled.process, *compiled.called.values()):
            for node in (node for node in process.scope.walk() if node.id not in compiled.forms):
                shown = forms.of(node, process)
                if shown is not None:
                    bound[node.id] = shown.digest
                    forms.used[shown.digest] = shown
    if bundle.looked_at:
        forms.tell_of_idle()
    return forms


WORDS: Mapping[str, Mapping[str, str]] = {
    ASKED: {"zh": "接下来做什么"},
    FINISHED: {"zh": "完成"},
    OTHER_LABEL: {"zh": "其他"},
}
"""What fields that nobody has drawn say in other languages."""


def _camunda_field(field: FormField, inside: Mapping[str, Mapping[str, str]]) -> CamundaField:
    """`inside`: the names in other languages of the activities that a choice of the field may name."""
    choices = ((value, inside.get(value) or WORDS.get(label, {})) for value, label in field.values)
    words = {f"value.{value}.{language}": text for value, names in choices for language, text in names.items()}
    words |= {f"label.{language}": text for language, text in WORDS.get(field.label, {}).items()}
    constraints = dict(field.constraints)
    return CamundaField(
        id=field.id,
        label=field.label,
        type=field.type,
        default=field.default,
        pattern=constraints.pop("datePattern", ""),
        readable=constraints.pop("readable", "") != "false",
        values=field.values,
        constraints=tuple(constraints.items()),
        properties=words,
        line=field.line,
    )


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
