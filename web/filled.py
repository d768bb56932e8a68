"""Owns the way of a page's form: a post is read through it, and it is shown again with what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from engine.expressions import Message
from forms import Form, Submission, parse_html
from forms.fields import EvidenceKind, Field, Group, InputField
from forms.form import walk
from forms.showing import display
from forms.views import FieldView, FileView, Views
from tickets.evidence.attendance import Attendee, attendees
from tickets.evidence.given import Given, given_in
from tickets.files import known_file, store_upload
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import language, listed, time_zone


@dataclass
class Posted:
    """Reads this request's form (`tickets.tasks.Answer`); a verb that plans again gets the same files, stored once.

    `keep_files`: also store what was uploaded; a draft and a live answer leave files to the browser.
    """

    keep_files: bool = True
    form: Form | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    _stored: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def __call__(self, form: Form, data: Mapping[str, Any]) -> Submission:
        self.form, self.before = form, data
        return parse_html(
            form,
            sent(),
            now=local_now(),
            values_before=data,
            store=self._store if self.keep_files else None,
            known_files=lambda public_id: known_file(reading(), me(), public_id),
        )

    def _store(self, upload: FileStorage) -> Mapping[str, Any]:
        if id(upload) not in self._stored:
            self._stored[id(upload)] = store_upload(runtime(), me(), upload.filename, upload.stream)
        return self._stored[id(upload)]


def is_sent() -> bool:
    """Whether this request brings a form along, and no bare button."""
    return not request.form.keys() <= {"csrf_token"} or bool(request.files)


def sent() -> Iterator[tuple[str, str | FileStorage]]:
    """The names and values of this request's form, its files after its texts."""
    yield from request.form.items(multi=True)
    yield from request.files.items(multi=True)


def shown(
    form: Form,
    before: Mapping[str, Any],
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Message] | None = None,
    focus: str = "",
    prefix: str = "f",
    readonly: bool = False,
) -> Views:
    """The fields to show: a draft's or refused `values` over the data `before`; `prefix` begins their ids."""
    return display(
        form,
        values or {},
        errors or {},
        now=local_now(),
        values_before=before,
        lang=language(),
        readonly=readonly,
        focus=focus,
        prefix=prefix,
    )


def again(posted: Posted, submission: Submission, *, prefix: str = "f", live: bool = False) -> Views:
    """The fields of a refused post, nothing typed lost; live answers repeat only the errors shown already."""
    assert posted.form is not None, "what was refused was read"
    errors = submission.still_wrong if live else submission.errors
    if submission.edited:
        errors = submission.still_wrong
    return shown(
        posted.form, posted.before, values=submission.entered, errors=errors, focus=submission.focus, prefix=prefix
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One answered field as a reader sees it: its label, and either words or files, unless it is `hidden`."""

    label: str
    words: str
    files: Sequence[FileView] = ()
    hidden: bool = False
    link: str = ""
    """Of a measured location: a map."""
    people: Sequence[Attendee] = ()
    """Of a sign-in list: its lines."""
    path: str = ""
    heads: bool = False
    """Whether it only says which row of a list follows."""


def told(
    form: Form, values: Mapping[str, Any], *, mask: bool = False, offered: Mapping[str, Any] | None = None
) -> list[Told]:
    """What was answered, field by field in the form's order; what is empty is left out, `mask` hides the sensitive.

    `offered` is data that the form takes options from.
    """
    views = shown(form, offered or {}, values=values, readonly=True)
    lists = {each.path: each for each in given_in(form, values) if each.kind is EvidenceKind.SIGNIN}
    return list(_each_told(views, lists, mask=mask))


def only_shown(form: Form) -> frozenset[str]:
    """The top-level names of what the form shows to everybody who has it, and never asks for."""
    shown_always = {id(each) for each in _always(form.fields) if isinstance(each, InputField) and each.readonly is True}
    fields = [each for each in walk(form.fields) if each.path]
    asked = {each.path[0] for each in fields if id(each) not in shown_always}
    return frozenset(each.path[0] for each in fields) - asked


def _always(fields: Iterable[Field]) -> Iterator[Field]:
    for each in fields:
        if each.hide is False:
            yield each
            yield from _always(each.fields) if isinstance(each, Group) else ()


def _each_told(views: Iterable[FieldView], lists: Mapping[str, Given], *, mask: bool) -> Iterator[Told]:
    for view in (view for view in views if view.visible):
        found = _signed(view, lists[view.path], mask=mask) if view.path in lists else _told(view, mask=mask)
        if view.path and found.words:
            yield found
        yield from _each_told(view.children, lists, mask=mask)
        for row in view.rows if view.path not in lists else ():
            inside = list(_each_told(row.fields, lists, mask=mask))
            yield from (Told(f"{view.label or _('Row')} {row.position}", "", heads=True), *inside) if inside else ()


def _signed(view: FieldView, given: Given, *, mask: bool) -> Told:
    """A sign-in list as a table of who was there."""
    people = attendees(given.field, given.value)
    if people and mask and any(isinstance(each, InputField) and each.sensitive for each in walk((given.field,))):
        return Told(view.label, _("Hidden: this is sensitive"), hidden=True)
    return Told(view.label, attendance_words(people), people=people)


def attendance_words(people: Sequence[Attendee]) -> str:
    """How many of a sign-in list were there."""
    there = sum(each.present for each in people)
    return _("%(there)s of %(all)s were there", there=there, all=len(people)) if people else ""


def _told(view: FieldView, *, mask: bool) -> Told:
    words = words_of(view)
    if words and mask and view.sensitive:
        return Told(view.label, _("Hidden: this is sensitive"), hidden=True)
    return Told(view.label, words, view.files, link=view.map_link, path=view.path)


def words_of(view: FieldView) -> str:
    """What stands in a field, as one text."""
    if view.options:
        return listed(view.chosen)
    if view.files:
        return listed(file.name for file in view.files)
    if view.place:
        return view.place
    if isinstance(view.value, bool):
        return _("Yes") if view.value else ""
    return view.text


def local_now() -> datetime:
    """The moment of this request on the reader's wall."""
    return now().astimezone(time_zone())
