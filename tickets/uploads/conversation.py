"""Owns what is said with one reader: an upload or a picture goes there, what came of it comes back, or it is lost."""

from __future__ import annotations

import pickle
import socket
import time
from dataclasses import dataclass

from engine.definitions import Report
from engine.definitions.report import FILE
from engine.expressions import N_
from tickets.evidence.pictures import BROKEN, Picture
from tickets.uploads.answer import Broken, decode
from tickets.uploads.line import Closed, Kind, receive, send
from tickets.uploads.reading import Newest, Reading, Upload


class Lost(Exception):
    """The process that read is no more; `begun` says whether it had begun, `file` what it last looked at."""

    def __init__(self, *, begun: bool, file: str = "", reason: str = "") -> None:
        super().__init__(reason)
        self.begun, self.file, self.reason = begun, file, reason


@dataclass
class Conversation:
    """One upload's: what the reader is told and says."""

    line: socket.socket
    seconds: float
    lent: float
    """When the line was: whoever is ended for taking too long began later than that."""
    file: str = ""

    def hold(self, upload: Upload, newest: Newest) -> Reading:
        """What came of it. Raises `Lost`."""
        until = time.monotonic() + self.seconds
        try:
            send(self.line, Kind.UPLOAD, pickle.dumps(upload))
            while True:
                self.line.settimeout(max(until + 1 - time.monotonic(), 0.01))
                kind, content = receive(self.line)
                if kind is Kind.DONE:
                    return decode(content)
                if kind is Kind.TOO_MUCH:
                    return refused("too-much-memory", _TOO_MUCH, self.file)
                self._answer(kind, content, newest)
        except (Closed, Broken, OSError, UnicodeDecodeError) as error:  # a TimeoutError is an OSError
            if time.monotonic() >= self.lent + self.seconds:
                return refused("too-slow", _TOO_SLOW, self.file)
            raise Lost(begun=True, file=self.file, reason=repr(error)) from None

    def _answer(self, kind: Kind, content: bytes, newest: Newest) -> None:
        if kind is Kind.FILE:
            self.file = content.decode()
        elif kind is Kind.NEWEST:
            send(self.line, Kind.FOUND, newest(content.decode()) or b"")
        elif kind is Kind.BROKE:
            raise Lost(begun=True, file=self.file, reason=content.decode("utf-8", "replace"))
        else:
            raise Closed


def look_at(line: socket.socket, content: bytes, seconds: float) -> Picture:
    """What came of looking; what the reader says is data, checked as such. Raises `Lost`."""
    line.settimeout(seconds + 1)
    try:
        send(line, Kind.PICTURE, content)
        kind, said = receive(line)
        if kind is Kind.TOO_MUCH:
            return BROKEN
        taken, _, thumbnail = said.partition(b"\0")
        if kind is not Kind.DONE or len(taken) > _LONGEST_TIME or len(thumbnail) > _LARGEST_THUMBNAIL:
            raise Closed
        return Picture(thumbnail, taken.decode("ascii"))
    except (Closed, OSError, UnicodeDecodeError) as error:
        raise Lost(begun=True, reason=repr(error)) from None


_LONGEST_TIME = 40
_LARGEST_THUMBNAIL = 2 * 1024 * 1024
_TOO_SLOW = N_("Reading the upload takes longer than it may; it was stopped, and nothing of it was kept.")
_TOO_MUCH = N_("Reading the upload takes more memory than it may; it was stopped, and nothing of it was kept.")
BROKE_OFF = N_("Reading the upload broke off; nothing of it was kept.")
_SMALLER = N_("Split this file into smaller processes, or upload fewer files at once; if it is small, report this.")


def refused(code: str, problem: str, file: str) -> Reading:
    report = Report(file=file)
    report.error(code, FILE, problem, _SMALLER)
    return Reading(report)
