"""Owns pruning: after each step only live tokens and the forks between them stay; visits keep the rest."""

from __future__ import annotations

from engine.spiff.open_scopes import ScopeMixin
from engine.spiff.tokens import Token
from engine.spiff.workflow import Instance


def compact(instance: Instance) -> None:
    """Shortens every scope's tree; what finished branches changed is in the scope's data already."""
    for scope in (instance, *instance.subprocesses.values()):
        _compact_scope(scope)


def _compact_scope(scope: ScopeMixin) -> None:
    for token in reversed(list(scope.tasks.values())):
        if token.is_live() or len(token._children) > 1:
            continue
        if token._children:
            _splice(token, scope)
        elif token.parent is not None:
            token.drop()


def _splice(token: Token, scope: ScopeMixin) -> None:
    """A finished token on the way to a single child: the child takes its place."""
    child: Token = scope.tasks[token._children[0]]
    child.look()
    child.row = None
    parent: Token | None = token.parent
    if parent is not None:
        parent._children[parent._children.index(token.id)] = child.id
    else:
        scope.task_tree = child
    child._parent = token._parent
    scope.tasks.pop(token.id)
