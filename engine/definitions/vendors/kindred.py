"""Owns the words that Camunda 7, Operaton, Flowable and Activiti share: their engines come from one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.definitions.kinds import Kind, LoopKind
from engine.definitions.parts import Expr, FormField, Loop, Work
from engine.definitions.source import child_text, children, extension, find_children, settings_of
from engine.definitions.vendors.dialect import Dialect, Mappings, Remark, attribute_of
from engine.definitions.vendors.drawn_fields import fields_of
from engine.definitions.vendors.passing import calls, expression, fault_of
from engine.definitions.vendors.performers import assignee_of, candidates_of, split
from engine.definitions.xml import local, namespace
from engine.expressions import N_, NotRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

LISTENERS = ("executionListener", "taskListener", "eventListener")
WITH_FORMS = frozenset({"userTask", "startEvent"})
STARTERS = ("candidateStarterUsers", "candidateStarterGroups")
SAID_OF_WORK = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority")
"""The attributes of a person's task that may be expressions."""
IMPLEMENTED_BY = ("topic", "delegateExpression", "class", "expression", "type")
"""The attributes that say what a service task calls, the one that names it best first."""
SETS = re.compile(r"\s*[$#]\{\s*execution\.setVariable\(\s*([\"'])([^\"']+)\1\s*,(.*)\)\s*\}\s*", re.DOTALL)
"""`${execution.setVariable('x', …)}`, which gives a variable its value as a result variable does."""


class Kindred(Dialect):
    """Attributes in the vendor's namespace, and elements in `extensionElements`; expressions are JUEL."""

    spoken = True
    namespaces: tuple[str, ...] = ()
    lost_elements: frozenset[str] = frozenset(LISTENERS)
    """Extension elements that do something there and nothing here; those that name a task's parameters are
    left to the warning that the task is not connected."""
    lost_attributes: frozenset[str] = frozenset(STARTERS)

    def attribute(self, element: Element, name: str) -> str:
        return attribute_of(element, name, self.namespaces)

    def extensions(self, element: Element, *names: str) -> list[Element]:
        """The vendor's own extension elements of these names, in order."""
        found = extension(element)
        return [] if found is None else [e for e in found if namespace(e) in self.namespaces and local(e) in names]

    def kind(self, element: Element, kind: Kind) -> Kind:
        if kind not in (Kind.JOB, Kind.SEND, Kind.DECISION, Kind.SCRIPT):
            return kind
        if self.decision(element)[0]:
            return Kind.DECISION
        if self.value(element) is not None:
            return Kind.SCRIPT
        if kind is Kind.SEND:
            return Kind.JOB if self._implementation(element) else Kind.SEND
        return super().kind(element, kind)

    def settings(self, element: Element) -> dict[str, str]:
        return settings_of(element, self.namespaces)

    def work(self, element: Element) -> Work:
        users, groups = candidates_of(element)
        return Work(
            assignee=self.assignee(element) or assignee_of(element),
            users=self._several(element, "candidateUsers") or users,
            groups=self._several(element, "candidateGroups") or groups,
            due=self._optional(element, "dueDate"),
            follow_up=self._optional(element, "followUpDate"),
            priority=self._optional(element, "priority"),
            form=self.form(element),
        )

    def assignee(self, element: Element) -> Expr | None:
        return self._optional(element, "assignee")

    def form(self, element: Element) -> str:
        """The name of the task's form: a file of the same upload, or what its own file says it is called."""
        key = self._form_key(element)
        return "" if _open(key) else key

    def _form_key(self, element: Element) -> str:
        key = self.attribute(element, "formRef") or self.attribute(element, "formKey")
        return key.removeprefix("camunda-forms:").removeprefix("deployment:")

    def fields(self, element: Element) -> tuple[FormField, ...]:
        return fields_of(self.extensions(element, "formData", "formProperty"))

    def initiator(self, element: Element) -> str:
        return self.attribute(element, "initiator")

    def topic(self, element: Element) -> str:
        """What a service task asks to have done: an external task's topic, else the delegate's name."""
        return self._implementation(element) or super().topic(element)

    def value(self, element: Element) -> Expr | None:
        """`expression="${a + b}"`, unless it calls a bean's method: only a Java engine has those.

        Without a result it can only matter for what it does there, so constants alone are worked out for nothing.
        """
        if local(element) == "scriptTask":
            return self._short_script(element)
        expr = self._set_by(element)[1]
        if expr is None:
            return None
        names, fault = fault_of(expr)
        return expr if fault is None and (self.result(element) or not names) else None

    def _short_script(self, element: Element) -> Expr | None:
        """A script of one expression, in a language that is only for those."""
        language, text = (element.get("scriptFormat") or "").lower(), child_text(element, "script")
        if not text or language not in ("juel", "feel"):
            return None
        return Expr(text, language)

    def result(self, element: Element) -> str:
        return self._set_by(element)[0]

    def _set_by(self, element: Element) -> tuple[str, Expr | None]:
        """The variable that an element's expression sets, and the expression; empty and None if it has none."""
        result = self.attribute(element, "resultVariable") or self.attribute(element, "resultVariableName")
        text = self.attribute(element, "expression")
        setting = SETS.fullmatch(text)
        if setting and not result:
            return setting[2], expression(f"${{{setting[3].strip()}}}")
        return result, expression(text) if text else None

    def mappings(self, element: Element) -> Mappings:
        if local(element) == "callActivity":
            return calls(self.extensions(element, "in"), self.extensions(element, "out"))[0]
        return Mappings()

    def loop(self, element: Element, kind: LoopKind) -> Loop:
        collection = self.attribute(element, "collection")
        return Loop(
            kind=kind,
            collection=expression(collection, plain="variable") if collection else None,
            element=self.attribute(element, "elementVariable"),
        )

    def unread(self, element: Element) -> list[str]:
        """Extension elements, and attributes of the element itself, its event definitions and its repetition."""
        found = [local(each) for each in self.extensions(element, *self.lost_elements)]
        for part in (element, *_parts(element)):
            found += [name for name in sorted(self.lost_attributes) if self._says(part, name)]
        return list(dict.fromkeys(found))

    def remarks(self, element: Element) -> list[Remark]:
        found = self._called(element) if local(element) == "callActivity" else list(self._by_java(element))
        if local(element) in WITH_FORMS and _open(self._form_key(element)):
            problem = N_("Which form is shown is only known later; none is shown.")
            remedy = N_("Name one form, or put a gateway before several tasks.")
            found.append(Remark("form-expression", problem, remedy))
        return found

    def _called(self, element: Element) -> list[Remark]:
        ins, outs = self.extensions(element, "in"), self.extensions(element, "out")
        found = calls(ins, outs)[1]
        if element.get("calledElement") and not _passes(element):
            problem = N_("The call says nothing of its data: it is given all that is known, and gives all back.")
            remedy = N_("Nothing to do if that is meant; else name what goes in and what comes out.")
            found.append(Remark("call-data", problem, remedy, lossy=False))
        if any(self.attribute(element, name) for name in ("calledElementBinding", "calledElementVersion")):
            problem = N_("The call names a version; it calls the one that is bound when this file is deployed.")
            remedy = N_("Nothing to do: deploy this file again to call a newer one.")
            found.append(Remark("call-binding", problem, remedy, lossy=False))
        return found

    def _says(self, element: Element, name: str) -> bool:
        return self.attribute(element, name) not in ("", "false")

    def _implementation(self, element: Element) -> str:
        return next((value for name in IMPLEMENTED_BY if (value := self.attribute(element, name))), "")

    def _optional(self, element: Element, name: str) -> Expr | None:
        return next(iter(self._several(element, name, whole=True)), None)

    def _several(self, element: Element, name: str, *, whole: bool = False) -> tuple[Expr, ...]:
        """The expressions of an attribute, commas between them unless it is `whole`; none that need Java."""
        return tuple(expr for expr in self._written(element, name, whole=whole) if not _needs_java(expr))

    def _written(self, element: Element, name: str, *, whole: bool) -> Iterator[Expr]:
        text = self.attribute(element, name)
        return (expression(part) for part in ([text] if whole and text else split(text)))

    def _by_java(self, element: Element) -> Iterator[Remark]:
        for name in SAID_OF_WORK:
            for expr in self._written(element, name, whole=not name.startswith("candidate")):
                fault = fault_of(expr)[1]
                if isinstance(fault, NotRun):
                    problem = N_("What “%(name)s” says is left out: %(detail)s")
                    remedy = N_("Name a person, a role or a date, or an expression of the ticket's variables.")
                    yield Remark("needs-java", problem, remedy, params={"name": name, "detail": fault.message})


def text_inside(element: Element, name: str) -> str:
    """The text of an extension element's own child."""
    return next(("".join(found.itertext()).strip() for found in find_children(element, name)), "")


def _passes(call: Element) -> bool:
    """Whether any vendor's words say what data it takes or gives."""
    found = extension(call)
    return any(find_children(found, name) for name in ("in", "out", "ioMapping", "calledElement"))


def _needs_java(expr: Expr) -> bool:
    return isinstance(fault_of(expr)[1], NotRun)


def _open(text: str) -> bool:
    """Whether it has parts that are only known later."""
    return "${" in text or "#{" in text


def _parts(element: Element) -> list[Element]:
    """What belongs to an element and is not an element of the flow itself."""
    wanted = ("multiInstanceLoopCharacteristics", "timeCycle")
    definitions = [each for each in children(element) if local(each).endswith("EventDefinition")]
    inner = [each for definition in definitions for each in children(definition) if local(each) in wanted]
    return definitions + inner + [each for each in children(element) if local(each) in wanted]
