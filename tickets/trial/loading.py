"""Owns putting a file on the stage: deployed with what it refers to in its own folder, and what its report says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from engine.definitions import Kind, Report
from engine.definitions.read import read_processes
from engine.definitions.source import BPMN
from engine.definitions.xml import Unreadable, local, namespace, read_xml
from tickets.deploying import Deployed, deploy
from tickets.trial.definition import Definition
from tickets.trial.finding import Beside, Found, read_bytes
from tickets.trial.outcome import Outcome
from tickets.trial.stage import Stage

FLOW_NODES = frozenset(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent implicitThrowEvent boundaryEvent"
    " task userTask manualTask serviceTask scriptTask sendTask receiveTask businessRuleTask"
    " subProcess transaction adHocSubProcess callActivity"
    " exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway complexGateway".split()
)
"""BPMN's flow nodes that a process may hold, by their tags."""
NAMES = frozenset({"id", "name"})
"""Attributes that say what an element is, not what it refers to."""
DEEPEST = 5


@dataclass
class Drawn:
    """What is drawn in a file: the flow nodes of its executable processes, and their processes' ids."""

    elements: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    """Every word that might be another file's name or id."""

    @classmethod
    def of(cls, content: bytes) -> Drawn:
        drawn = cls()
        try:
            root = read_xml(content)
        except Unreadable:
            return drawn
        for process in root.iter(f"{{{BPMN}}}process"):
            if process.get("isExecutable", "true").strip().lower() not in ("false", "0"):
                drawn.processes.append(process.get("id", ""))
                nodes = (node for node in process.iter() if namespace(node) == BPMN and local(node) in FLOW_NODES)
                drawn.elements += dict.fromkeys(filter(None, (node.get("id", "") for node in nodes)))
        drawn.mentioned = set(_words(root.iter()))
        return drawn


def _words(elements: Iterable[etree._Element]) -> Iterator[str]:
    for element in elements:
        values = [str(value) for key, value in element.attrib.items() if key not in NAMES]
        for text in filter(None, (*values, (element.text or "").strip())):
            yield text
            yield re.split(r"[:/]", text)[-1]


@dataclass
class Loader:
    """Deploys one file on the stage, after what it calls."""

    stage: Stage
    beside: Beside
    _under_way: set[Path] = field(default_factory=set)

    @classmethod
    def of(cls, stage: Stage, found: Found) -> Loader:
        return cls(stage, Beside(found.path))

    def load(self, outcome: Outcome) -> list[Definition]:
        """The file's definitions; the outcome learns what was wrong with it and which elements it has."""
        path = self.beside.path
        content = read_bytes(path)
        if content is None:
            outcome.refuse("The file cannot be read.", "Look whether it may be read by this program.")
            return []
        drawn = Drawn.of(content)
        outcome.elements = drawn.elements
        deployed = self._deploy(path, content, drawn)
        outcome.learn(deployed.report.problems, accepted=deployed.report.accepted, own=_name(path))
        outcome.runs = bool(deployed.types) or not deployed.report.accepted
        own, processes = frozenset(drawn.elements), frozenset(drawn.processes)
        return [
            Definition.load(self.stage, made.key, made.version, own=own, process_ids=processes)
            for made in deployed.types
        ]

    def _deploy(self, path: Path, content: bytes, drawn: Drawn) -> Deployed:
        self._under_way.add(path)
        files = {_name(path): content}
        if drawn.processes:
            self._deploy_called(content, drawn, depth=len(self._under_way))
            names = frozenset(drawn.mentioned)
            for other in (*self.beside.forms(names), *self.beside.decisions(names)):
                files[_clean(other.name)] = self.beside.read(other)
        return deploy(self.stage.runtime, None, files, lenient=True)

    def _deploy_called(self, content: bytes, drawn: Drawn, *, depth: int) -> None:
        """What the file calls and does not define itself, as far as the folder has it; what is refused is missing."""
        for called in sorted(_calls(content) - set(drawn.processes)) if depth <= DEEPEST else ():
            path = self.beside.process(called)
            if path is not None and path not in self._under_way:
                other = self.beside.read(path)
                self._deploy(path, other, Drawn.of(other))


def _calls(content: bytes) -> set[str]:
    """The ids of the processes that a file calls, as its reader understands them."""
    processes = read_processes(read_xml(content), Report())
    return {node.called for process in processes for node in process.scope.walk() if node.kind is Kind.CALL}


def _name(path: Path) -> str:
    """What the file is called in its upload: so that it is read as BPMN."""
    return _clean(path.name if path.name.lower().endswith((".bpmn", ".xml")) else f"{path.name}.bpmn")


def _clean(name: str) -> str:
    """A name that a database keeps: what is no character in a file's name is replaced."""
    return name.encode("utf-8", "replace").decode()
