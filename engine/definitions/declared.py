"""Owns what is known of a file while it is read: what it declares for all its processes, its dialect, its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.definitions.report import Report
from engine.definitions.source import BPMN, children, find_children, id_of
from engine.definitions.vendors.dialect import Dialect
from engine.definitions.xml import local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

Declared = Mapping[str, Mapping[str, "Element"]]
"""The children of `definitions` by their tag, then by their id."""

DATA = ("dataObject", "dataObjectReference", "property", "dataInput", "dataOutput")


@dataclass
class Source:
    """One file while one of its processes is read."""

    dialect: Dialect
    report: Report
    declared: Declared = field(default_factory=dict)
    language: str = ""
    """What the file says its expressions are in, unless they say otherwise."""
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Lanes by the ids of those in them."""
    data: Mapping[str, str] = field(default_factory=dict)
    """What data objects and inputs are called as variables, by their ids."""
    associated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the process's associations connect an id with, whichever way they point."""

    def find(self, tag: str, reference: str) -> Element | None:
        """What a reference means: an id or, as references are qualified names, one behind a prefix."""
        ids = self.declared.get(tag, {})
        found = ids.get(reference)
        return found if found is not None else ids.get(reference.rpartition(":")[2])


def declared_in(root: Element) -> Declared:
    found: dict[str, dict[str, Element]] = defaultdict(dict)
    for element in children(root):
        found[local(element)].setdefault(id_of(element), element)
    return found


def data_in(root: Element) -> dict[str, str]:
    """A name if a variable can have it; else the id stands for itself."""
    tags = tuple(f"{{{BPMN}}}{tag}" for tag in DATA)
    return {id_of(found): name for found in root.iter(*tags) if (name := found.get("name", "").strip()).isidentifier()}


def associated_in(process: Element) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for association in process.iter(f"{{{BPMN}}}association"):
        source, target = association.get("sourceRef", ""), association.get("targetRef", "")
        found[source].append(target)
        found[target].append(source)
    return found


def lanes_in(process: Element) -> dict[str, str]:
    """Node id → the name of the innermost lane it stands in."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for reference in find_children(lane, "flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("name") or lane.get("id") or ""
    return found
