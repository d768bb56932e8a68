"""Owns how a posted form is taken apart: one that is broken is refused, not quietly read as an empty one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import IO, Any

from flask import Request, abort
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from engine.expressions import N_

Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]


class FormReader(FormDataParser):
    """Werkzeug's, but it says when it gives up."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Parsed:
        """The rest of the body, the form's texts and its files; a broken form is answered with 400."""
        self.silent, make = False, self.stream_factory
        with ExitStack() as opened:
            self.stream_factory = lambda *given, **named: opened.enter_context(make(*given, **named))
            try:
                parsed = super().parse(stream, mimetype, content_length, options)
            except ValueError:
                abort(400, N_("The form is cut off or not encoded in UTF-8. Send it again."))
            opened.pop_all()  # what is whole is closed with the request
        return parsed


class FormRequest(Request):
    """A request whose form is read strictly."""

    form_data_parser_class = FormReader
