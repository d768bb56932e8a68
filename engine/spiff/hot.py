"""Owns what is kept in memory between steps: specs by definition version, and instances by id and revision."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from engine.definitions.stored import load as load_compiled
from engine.spiff.build import Blueprint, build
from engine.spiff.workflow import Instance


class HotInstances:
    """Two bounded caches. Taking an instance removes it; it comes back only once its step is committed."""

    def __init__(self, instances: int = 1_000, blueprints: int = 200) -> None:
        self._instances: OrderedDict[int, tuple[int, Instance]] = OrderedDict()
        self._blueprints: OrderedDict[int, Blueprint] = OrderedDict()
        self._most = (instances, blueprints)
        self._lock = Lock()

    def take(self, instance_id: int, revision: int) -> Instance | None:
        """The instance at exactly that revision, or None; whatever is kept under the id is given up."""
        with self._lock:
            kept = self._instances.pop(instance_id, None)
        return kept[1] if kept is not None and kept[0] == revision else None

    def put(self, instance_id: int, revision: int, instance: Instance) -> None:
        """Keeps an instance, unless a newer revision is here: a thread may be overtaken after its commit."""
        with self._lock:
            if (kept := self._instances.get(instance_id)) is not None and kept[0] > revision:
                return
            self._instances[instance_id] = (revision, instance)
            while len(self._instances) > self._most[0]:
                self._instances.popitem(last=False)

    def blueprint(self, definition_id: int, fetch: Callable[[], bytes]) -> Blueprint:
        """The specs of a definition version; `fetch` gives its stored artefact when they are not here."""
        with self._lock:
            found = self._blueprints.get(definition_id)
            if found is not None:
                self._blueprints.move_to_end(definition_id)
                return found
        made = build(load_compiled(fetch()))
        with self._lock:
            self._blueprints[definition_id] = made
            while len(self._blueprints) > self._most[1]:
                self._blueprints.popitem(last=False)
        return made
