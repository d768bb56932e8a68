"""Owns changing nodes wherever they stand in a process."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.definitions.model import Node, Process, Scope


def with_nodes(process: Process, change: Callable[[Node], Node]) -> Process:
    """The process with every node changed, innermost first."""
    return with_scopes(process, lambda scope: Scope(tuple(change(node) for node in scope.nodes), scope.flows))


def with_scopes(process: Process, change: Callable[[Scope], Scope]) -> Process:
    """The process with every scope changed, innermost first."""
    return msgspec.structs.replace(process, scope=_changed(process.scope, change))


def _changed(scope: Scope, change: Callable[[Scope], Scope]) -> Scope:
    if any(node.body is not None for node in scope.nodes):
        scope = Scope(tuple(_inside(node, change) for node in scope.nodes), scope.flows)
    return change(scope)


def _inside(node: Node, change: Callable[[Scope], Scope]) -> Node:
    if node.body is None:
        return node
    body = _changed(node.body, change)
    return node if body is node.body else msgspec.structs.replace(node, body=body)
