"""Owns what a version of a process stores: the normal form with all it is bound to, as bytes and back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.decisions.model import Decision
from engine.definitions.model import Node, Process

READER_VERSION = 3
"""Raised when reading the same file would give another normal form; stored versions keep theirs."""


class Compiled(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a version stores: its process, what it calls (bound at deploy), and the digest of each element's form."""

    process: Process
    called: dict[str, Process] = {}
    forms: dict[str, str] = {}
    decisions: dict[str, Decision] = {}

    def node(self, node_id: str) -> Node | None:
        for process in (self.process, *self.called.values()):
            if (node := process.node(node_id)) is not None:
                return node
        return None


def dump(compiled: Compiled) -> bytes:
    return msgspec.json.encode(compiled)


def load(content: bytes) -> Compiled:
    return _DECODER.decode(content)


def with_forms(compiled: Compiled, forms: Mapping[str, str]) -> Compiled:
    return msgspec.structs.replace(compiled, forms=dict(forms))


_DECODER = msgspec.json.Decoder(Compiled)
"""Made once, when the module is loaded: msgspec 0.22 crashes when two threads at once are the first to make one."""
