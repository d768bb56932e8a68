"""Owns drawing a cell: hundreds stand on one page, and a template's macro for each costs more than counting them."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from tickets.standards.matrix.asked import Asked
from tickets.standards.matrix.states import WORDS, State, Tally
from web.language import gettext as _
from web.language import translate
from web.matrix.looks import LOOKS, formula
from web.templating import asset

_PLAIN = (State.OVERDUE, State.MISSING, State.WAIVED)
"""What a score alone does not tell."""


class Pen:
    """Draws the cells of one page: its words are looked up once, in the reader's language."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        sprite = escape(asset("sprite.svg"))
        self.words = {state: escape(translate(text)) for state, text in WORDS.items()}
        self.glyphs = {state: _glyph(sprite, look.icon) for state, look in LOOKS.items()}
        self.eye = _glyph(sprite, "eye-x")
        self.failed, self.comma, self.none = escape(_("failed checks")), escape(_(", ")), escape(_("none here"))

    def cell(self, tally: Tally, address: str, label: str) -> Markup:
        """The worst state with its word and count, the bar, and how many are otherwise; a way to the list.

        Of several its ground is toned by their score, of one by its state.
        """
        seen = tally.only(self.asked.states)
        worst = seen.worst
        if worst is None:
            return self._nothing(label)
        several = seen.total > 1
        number = f"<b>{seen[worst]:,}</b>" if several else ""
        word = f'<span class="{LOOKS[worst].tone}">{self.glyphs[worst]}{number}{self.words[worst]}</span>'
        rest = self._rest(tally, [state for state in WORDS if state is not worst and seen[state]])
        tone = f"{formula(tally).tone} many" if several else f"{LOOKS[worst].tone} {worst.value}"
        return self._link(tone, address, self._said(tally), label, word, self.bar(seen) + rest)

    def mark(self, tally: Tally, address: str, label: str) -> Markup:
        """A score with its formula, the bar, and what of it is bad or waived."""
        seen, it = tally.only(self.asked.states), formula(tally)
        if not seen.total:
            return self._nothing(label)
        word = f"<b>{it.score or '–'}</b><small>{it.short}</small>"
        rest = self._rest(tally, [state for state in _PLAIN if tally[state]])
        return self._link(it.tone, address, str(escape(it.whole)), label, word, self.bar(seen) + rest)

    def score(self, tally: Tally) -> Markup:
        """A score with what it is made of; the whole formula in its tooltip."""
        it = formula(tally)
        if not it.score:
            return Markup(f'<span class="gd-mx-none" title="{escape(it.whole)}">–</span>')  # noqa: S704 - escaped
        parts = f"<b>{it.score}</b><small>{it.short}</small>"
        return Markup(f'<span class="gd-mx-score" title="{escape(it.whole)}">{parts}</span>')  # noqa: S704 - escaped

    def bar(self, tally: Tally) -> str:
        """Stacked shares; the counts beside it say the same."""
        return f"{_BAR}{''.join(_shares(tally))}</svg>"

    def _rest(self, tally: Tally, states: list[State]) -> str:
        parts = [
            self._small(LOOKS[state].tone, self.glyphs[state], self.words[state], tally[state]) for state in states
        ]
        if tally.failed:
            parts.append(self._small("t-red", self.eye, self.failed, tally.failed))
        return f'<span class="gd-mx-rest">{"".join(parts)}</span>' if parts else ""

    def _small(self, tone: str, glyph: str, word: str, count: int) -> str:
        return f'<span class="{tone}">{glyph}<span class="visually-hidden">{word} </span>{count:,}</span>'

    def _said(self, tally: Tally) -> str:
        """All counts in words."""
        words = [f"{self.words[state]} {tally[state]:,}" for state in WORDS if tally[state]]
        return self.comma.join([*words, f"{self.failed} {tally.failed}"] if tally.failed else words)

    def _link(self, tone: str, address: str, title: str, label: str, word: str, rest: str) -> Markup:
        head = f'<a class="gd-mx-cell {tone}" href="{escape(address)}" title="{title}">'
        hidden = f'<span class="visually-hidden">{escape(label)}: </span>'
        return Markup(f'{head}{hidden}<span class="gd-mx-word">{word}</span>{rest}</a>')  # noqa: S704 - all of it escaped

    def _nothing(self, label: str) -> Markup:
        hidden = f'<span class="visually-hidden">{escape(label)}: {self.none}</span>'
        return Markup(f'<span class="gd-mx-none">{hidden}<span aria-hidden="true">–</span></span>')  # noqa: S704


def _shares(tally: Tally) -> Iterator[str]:
    at, whole = 0.0, tally.total
    for state in WORDS:
        if count := tally[state]:
            width = 100 * count / whole
            yield f'<rect class="{state.value}" x="{at:.2f}" width="{width:.2f}" height="6"/>'
            at += width


def _glyph(sprite: str, name: str) -> str:
    return f'<svg class="icon" aria-hidden="true" focusable="false"><use href="{sprite}#{name}"/></svg>'


_BAR = '<svg class="gd-mx-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
