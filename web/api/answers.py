"""Owns how a JSON body answers a form: times in the caller's zone, files only those they may attach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from forms import Form, Submission, parse_json
from tickets.files import known_file
from tickets.tasks import Answer
from web.context import me, reading
from web.filled import local_now


def answer_with(values: Mapping[str, Any]) -> Answer:
    """What the verbs read the form's values with."""

    def answer(form: Form, before: Mapping[str, Any]) -> Submission:
        known = partial(known_file, reading(), me())
        return parse_json(form, values, now=local_now(), values_before=before, known_files=known)

    return answer
