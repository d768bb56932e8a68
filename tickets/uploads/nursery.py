"""Owns the process that upload readers are born from: it has loaded all that reading takes, and nothing else.

It has no threads, no database, no secrets; to fork it is safe and costs milliseconds, where starting Python for each
upload would cost a second. `python -m tickets.uploads.nursery <fd>` is started by `tickets.uploads.nursing` only, and
what it complains of goes to the server's log.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

from engine.step import World
from tickets.evidence import pictures
from tickets.uploads.child import be_child
from tickets.uploads.reading import Upload, read_here

IDLE = 300.0
"""Seconds without an upload after which it goes; the next upload starts another."""
LOOK = 0.25
"""Seconds between looking after children."""
MERCY = 1.0
"""Seconds past its own limit after which a child is killed from outside."""
_NOWHERE = 1
"""The standard output, which leads nowhere."""
_FIRST = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" isExecutable="true">
<startEvent id="s"/><userTask id="u"/><sequenceFlow id="f" sourceRef="s" targetRef="u">
<conditionExpression>${a == 1}</conditionExpression></sequenceFlow></process></definitions>"""


def main() -> None:
    """Forks a child for each line that comes over the control socket; ends when that is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for asked in (signal.SIGINT, signal.SIGTERM):  # it goes with its keeper, who may still want what is being read
        signal.signal(asked, signal.SIG_IGN)
    read_here(Upload({"first.bpmn": _FIRST}, World(datetime(2026, 1, 1, tzinfo=UTC))), lambda _: None)
    pictures.warm()
    gc.collect()
    gc.freeze()
    _serve(control)


def _serve(control: socket.socket) -> None:
    children: dict[int, float] = {}
    asked = time.monotonic()
    try:
        while children or time.monotonic() - asked < IDLE:
            if select.select([control], [], [], LOOK if children else IDLE)[0]:
                asked = time.monotonic()
                if not _admit(control, children):
                    return
            _look_after(children)
    finally:
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _admit(control: socket.socket, children: dict[int, float]) -> bool:
    """A child for the line that comes; False where none will come any more."""
    said, lines, _flags, _address = socket.recv_fds(control, 256, 1)
    if not said or not lines:
        return False
    seconds, memory = said.split()
    pid = os.fork()
    if pid == 0:
        control.close()
        os.dup2(_NOWHERE, sys.stderr.fileno())  # what a stranger's file makes a reader say is no matter of the log
        be_child(socket.socket(fileno=lines[0]), float(seconds), int(memory))
    os.close(lines[0])
    children[pid] = time.monotonic() + float(seconds) + MERCY
    return True


def _look_after(children: dict[int, float]) -> None:
    """Ends those that are over their time, and forgets those that have ended."""
    for pid, until in list(children.items()):
        if time.monotonic() > until:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            del children[pid]


if __name__ == "__main__":
    main()
