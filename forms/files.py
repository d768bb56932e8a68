"""Owns file fields: what they take from a post, and which stored files they may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from engine.expressions import N_, Message
from forms.fields import FileField
from forms.scope import Scope

FILE_KEYS: Final = ("id", "name", "size", "type")
KEPT: Final = ":kept"
"""After a file field's control name: the hidden inputs that name files attached before."""


class Upload(Protocol):
    """A file as it arrives. Whoever stores it may need more of it; here only its name matters."""

    @property
    def filename(self) -> str | None: ...


Stored = Mapping[str, Any]
"""A stored file: its public "id", "name", "size" in bytes and "type", a media type found by content."""
Store = Callable[[Any], Stored]
"""Stores an upload. Raises UploadRefused."""
KnownFiles = Callable[[str], Stored | None]
"""The stored file with a public id, if the person filling in the form may attach it."""


class UploadRefused(Exception):
    """The store does not take this file; `message` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class FilePorts:
    """The way to the store; without one, nothing can be added."""

    store: Store | None = None
    known: KnownFiles | None = None

    def find(self, public_id: object, before: Sequence[Stored]) -> Stored | None:
        """A file that may be named: one that the field has already, or one that is known."""
        for stored in before:
            if stored.get("id") == public_id:
                return reference(stored)
        if self.known is None or not isinstance(public_id, str) or len(public_id) > 100:
            return None
        found = self.known(public_id)
        return reference(found) if found is not None else None


def reference(stored: Stored) -> Stored:
    """A stored file as a value holds it."""
    return {key: stored.get(key) for key in FILE_KEYS}


UNKNOWN_FILE: Final = Message(N_("An attached file is no longer there. Attach it again"))
NOT_FILES: Final = Message(N_("Give a list of file ids"))


def read_files(
    ports: FilePorts, kept: Sequence[object], uploads: Sequence[Upload], before: Sequence[Stored], most: int
) -> tuple[list[Stored], Message | None]:
    """The files that a post leaves attached, each once, and the first thing that is wrong with the others."""
    error: Message | None = None
    files: dict[str, Stored] = {}
    for public_id in () if most == 1 and uploads else kept:  # a single file is replaced
        found = ports.find(public_id, before)
        if found is None:
            error = error or UNKNOWN_FILE
        else:
            files[str(found["id"])] = found
    for upload in uploads:
        if len(files) >= most:
            return list(files.values()), too_many(most)
        try:
            stored = reference(_stored(ports, upload))
            files[str(stored["id"])] = stored
        except UploadRefused as refusal:
            error = error or refusal.message
    return list(files.values()), error


def _stored(ports: FilePorts, upload: Upload) -> Stored:
    if ports.store is None:
        raise UploadRefused(Message(N_("Files can't be added here. Add them when you send the form")))
    return ports.store(upload)


def too_many(most: int) -> Message:
    """What to say when there are more than `most` files."""
    return (
        Message(N_("Attach only one file"))
        if most == 1
        else Message(N_("Attach at most %(limit)d files"), {"limit": most})
    )


def most_files(field: FileField, scope: Scope) -> int:
    """How many files the field takes now."""
    multiple = field.multiple if isinstance(field.multiple, bool) else scope.run(field.multiple) is True
    return field.most if multiple else 1


def check_files(files: Sequence[Stored], field: FileField, scope: Scope) -> Message | None:
    """Why these files are not accepted together, or None."""
    most = most_files(field, scope)
    if len(files) > most:
        return too_many(most)
    accept = field.accept.render(scope)
    for stored in files:
        if not accepts(accept, str(stored.get("name") or ""), str(stored.get("type") or "")):
            return Message(
                N_("“%(name)s” is not of a type that is accepted here: %(accept)s"),
                {"name": stored.get("name"), "accept": accept},
            )
    return None


def accepts(accept: str, name: str, media_type: str) -> bool:
    """Whether a file matches an `accept` as HTML defines it: `.pdf`, `image/*` or `image/png`, comma separated."""
    wanted = [token.strip().lower() for token in accept.split(",") if token.strip()]
    name, media_type = name.lower(), media_type.lower().partition(";")[0].strip()
    return not wanted or any(
        name.endswith(token)
        if token.startswith(".")
        else token in {media_type, media_type.partition("/")[0] + "/*", "*/*"}
        for token in wanted
    )
