"""Owns Markdown in forms: rendered to HTML that holds nothing but words, lists, tables and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_READER: Final = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
_TAGS: Final = {
    *("a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}


def has_image(markdown: str) -> bool:
    """Whether the text shows an image, by Markdown or by HTML."""
    tokens = _READER.parse(markdown)
    return "<img" in markdown.lower() or any(
        child.type == "image" for token in tokens for child in token.children or ()
    )


def to_html(markdown: str) -> Markup:
    """Safe HTML. The text's highest heading becomes h2, whatever it was, so that pages keep an unbroken outline."""
    tokens = _READER.parse(markdown)
    _rank_headings(tokens)
    html = _READER.renderer.render(tokens, _READER.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def _rank_headings(tokens: Sequence[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    ranks = {tag: f"h{min(rank, 6)}" for rank, tag in enumerate(sorted({token.tag for token in headings}), start=2)}
    for token in headings:
        token.tag = ranks[token.tag]
