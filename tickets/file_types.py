"""Owns what an uploaded file is called and taken for: a name that is safe everywhere, a type told by its content."""

from __future__ import annotations

import re
import unicodedata

import filetype

from tickets.texts import is_hidden

UNKNOWN = "application/octet-stream"

_OFFICE = "application/vnd.openxmlformats-officedocument"
SAFE_TYPES = frozenset({
    "application/gzip", "application/msword", "application/pdf", "application/rtf", "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.text",
    f"{_OFFICE}.presentationml.presentation", f"{_OFFICE}.spreadsheetml.sheet", f"{_OFFICE}.wordprocessingml.document",
    "application/x-7z-compressed", "application/x-rar-compressed", "application/x-tar", "application/zip",
    "audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/x-flac", "audio/x-wav",
    "image/avif", "image/bmp", "image/gif", "image/heic", "image/jpeg", "image/png", "image/tiff", "image/webp",
    "video/3gpp", "video/mp4", "video/mpeg", "video/quicktime", "video/webm", "video/x-m4v", "video/x-matroska",
    "video/x-msvideo",
})  # fmt: skip
"""The types a file may have; whatever else it is, it is sent as bytes of no type, never to be shown or run."""


def type_of(head: bytes) -> str:
    """The media type by the first bytes (8 KiB are enough): one of SAFE_TYPES, text/plain in UTF-8, or octet-stream.

    Markup (HTML, SVG, XML) is text that a browser might run, so it has no type of its own.
    """
    kind = filetype.guess(head)
    if kind is not None:
        return kind.mime if kind.mime in SAFE_TYPES else UNKNOWN
    return "text/plain" if _is_text(head) and not _MARKUP.search(head) else UNKNOWN


def file_name(given: str) -> str:
    """A name to show and to save under on any system: no path, nothing invisible, at most 120 characters, 200 bytes."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1][:1000])
    name = "".join(" " if character.isspace() else character for character in name if _shows(character))
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:
        stem, dot, ending = name, "", ""
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    room = 200 - len((dot + ending).encode())
    stem = stem[: 120 - len(dot + ending)].encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem or 'file'}{dot}{ending}"


_MARKUP = re.compile(rb"<\s*[!?/a-zA-Z]")
_RESERVED = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or len(head) - error.start > 3:  # a character cut by the head's end
            return False
        text = head[: error.start].decode("utf-8-sig")
    return not any(unicodedata.category(character) == "Cc" and character not in "\t\n\r\f" for character in text)


def _shows(character: str) -> bool:
    return not is_hidden(character) and unicodedata.category(character) not in {"Cf", "Cn", "Co"}
