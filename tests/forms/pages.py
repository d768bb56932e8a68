"""Renders forms as the pages do, and reads the HTML again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml.html import HtmlElement

from engine.expressions import Message
from forms import Form, display
from forms.views import FieldView, Views
from tests.forms.build import NOW

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


@cache
def environment() -> Environment:
    """The pages' templates with the words in English."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["_"] = lambda text, **params: text % params if params else text
    found.globals["asset"] = lambda name: f"/static/dist/{name}"
    found.globals["url_for"] = lambda endpoint, **values: "/" + "/".join((endpoint, *map(str, values.values())))
    found.filters["message"] = str
    found.filters["listed"] = ", ".join
    found.filters["filesize"] = lambda size: f"{size} bytes"
    found.filters["initial"] = lambda name: name[:1]
    return found


def show(
    read: Form, values: Mapping[str, Any] | None = None, errors: Mapping[str, Message] | None = None, **kwargs: Any
) -> Views:
    return display(read, values or {}, errors or {}, now=NOW, **kwargs)


def view(read: Form, key: str, values: Mapping[str, Any] | None = None, **kwargs: Any) -> FieldView:
    """The view of one top-level field."""
    return next(found for found in show(read, values, **kwargs) if found.name == key)


def markup(views: Views, *, live_url: str = "/live", cards: bool = False) -> str:
    macros = environment().get_template("form/fields.html").module
    return str(macros.body(views, "fields", live_url, cards))  # type: ignore[attr-defined]  # macros are made at run time


def page(views: Views, **kwargs: Any) -> HtmlElement:
    """The rendered fields in a form in a page."""
    return lxml.html.document_fromstring(f"<!doctype html><form>{markup(views, **kwargs)}</form>")
