"""Owns whether a timer counts working time: by the setting `calendar` of its event, its activity or its process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.timing import Calendar

if TYPE_CHECKING:
    from engine.spiff.nodes import NodeSpec
    from engine.spiff.tokens import Token
    from engine.spiff.workflow import Instance

SETTING = "calendar"
PLAIN = frozenset({"", "none", "off", "false", "no", "plain"})


def counts_working_time(*nearest_first: Mapping[str, str]) -> bool:
    """Whether the nearest of these settings that says anything says so."""
    said = next((settings[SETTING] for settings in nearest_first if SETTING in settings), "")
    return said.strip().casefold() not in PLAIN


def calendar_of(token: Token, spec: NodeSpec) -> Calendar | None:
    """The place's calendar where `token` waits by it; None counts every hour, also where no calendar is supplied."""
    instance: Instance = token.workflow.top_workflow
    if instance.world.calendar is None:
        return None
    nodes = [spec.node]
    if spec.node is not None and spec.node.attached_to:
        nodes.append(token.parent.task_spec.node)
    near = [node.settings for node in nodes if node is not None]
    return instance.world.calendar if counts_working_time(*near, instance.blueprint.compiled.process.settings) else None
