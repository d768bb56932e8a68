"""What JUEL may call by Camunda's and Flowable's own names: execution.getVariable, var:equals and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.expressions.nodes import (
    Binary,
    Call,
    Choice,
    Constant,
    Defined,
    Language,
    Logic,
    Name,
    Node,
    Property,
    Unary,
)

HOLDERS = frozenset({"execution", "task", "delegateTask", "caseExecution", "planItemInstance", "caseInstance"})
"""What stands for the running instance."""
PREFIXES = frozenset({"var", "vars", "variables"})
FOREIGN_PREFIXES = frozenset({"bpmn", "cmmn", "collection", "date", "dmn", "flw", "fn", "form", "spring", "task"})
_READERS = frozenset({"getVariable", "getVariableLocal"})
_TESTERS = frozenset({"hasVariable", "hasVariableLocal"})
_NUMBERS = frozenset(
    {"processBusinessKey", "processInstanceBusinessKey", "businessKey", "processInstanceId", "rootProcessInstanceId"}
)
"""What Camunda and Flowable call a running instance by: here it is the ticket's number."""


def of_instance(name: str, arguments: Sequence[Node] | None) -> Node | None:
    """What `execution.name` or `execution.name(…)` means here; None where it means nothing."""
    if name in _NUMBERS and arguments is None:
        return ticket_number()
    match arguments:
        case [Constant(value=str() as variable)] if name in _READERS:
            return Name(variable, optional=True)
        case [Constant(value=str() as variable)] if name in _TESTERS:
            return Defined(Name(variable, optional=True))
        case [] if name[:3] == "get" and name[3:4].lower() + name[4:] in _NUMBERS:
            return ticket_number()
    return None


def ticket_number() -> Node:
    return Property(Language.JUEL, Name("ticket"), "number")


def of_variable(name: str, arguments: Sequence[Node]) -> Node | None:
    """What Flowable's `var:name(variable, …)` means; None where there is none such, or not with so many values."""
    first, *others = (*map(_variable, arguments[:1]), *arguments[1:])
    if name in _ALONE and not others:
        return _ALONE[name](first)
    if name in _COMPARING and len(others) == 1:
        return Binary(Language.JUEL, _COMPARING[name], first, others[0])
    if name == "getOrDefault" and len(others) == 1:
        return Choice(Language.JUEL, _is_null(first), others[0], first)
    if name in _SEARCHING and others:
        searches = tuple(Call(Language.JUEL, "contains", (first, other)) for other in others)
        found = searches[0] if len(searches) == 1 else Logic(Language.JUEL, _SEARCHING[name], searches)
        return Logic(Language.JUEL, every=True, parts=(Unary(Language.JUEL, "!", _is_null(first)), found))
    return None


def _variable(node: Node) -> Node:
    """The variable that is named, in quotes or not; null where it is not set."""
    match node:
        case Name(id=name) | Constant(value=str() as name):
            return Name(name, optional=True)
    return node


def _is_null(node: Node) -> Node:
    return Binary(Language.JUEL, "==", node, Constant(None))


def _is_empty(node: Node) -> Node:
    return Unary(Language.JUEL, "empty", node)


def _not(node: Node) -> Node:
    return Unary(Language.JUEL, "!", node)


_ALONE: Mapping[str, Callable[[Node], Node]] = {
    "get": lambda node: node,
    **dict.fromkeys(("exists", "exist"), lambda node: _not(_is_null(node))),
    **dict.fromkeys(("isEmpty", "empty"), _is_empty),
    **dict.fromkeys(("isNotEmpty", "notEmpty"), lambda node: _not(_is_empty(node))),
}
_COMPARING = {
    **dict.fromkeys(("equals", "eq"), "=="),
    **dict.fromkeys(("notEquals", "ne"), "!="),
    **dict.fromkeys(("lowerThan", "lessThan", "lt"), "<"),
    **dict.fromkeys(("lowerThanOrEquals", "lessThanOrEquals", "lte"), "<="),
    **dict.fromkeys(("greaterThan", "gt"), ">"),
    **dict.fromkeys(("greaterThanOrEquals", "gte"), ">="),
}
_SEARCHING = {"contains": True, "containsAny": False}
