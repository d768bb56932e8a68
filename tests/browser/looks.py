"""Measures a page as it stands in the browser: what a reader could not read, touch or understand."""

from __future__ import annotations

import re
from functools import cache

from babel.messages.pofile import read_po
from playwright.sync_api import Page, ViewportSize

from tests.browser.harness import PHONE, overflow
from tests.web.words import CATALOGUE
from tickets.demo import PEOPLE

NARROWEST = 320
SMALLEST_TARGET = 38
SMALLEST_TEXT = 11
MOST_SCRIPT = 300 * 1024
"""Pixels of the narrowest phone, of what a finger meets, of letters; bytes of script on one page, unpacked."""

NAMES = {"李娜", *(person.title for person in PEOPLE)}
"""Of the cast, what is also in a text of the product: a name, and what people call their work."""

TARGETS = """least => {
    const wanted = 'button, a.btn, label.btn, label.form-check, select, textarea, summary, nav a, a.gd-filter, '
        + 'input:not([type=hidden], [type=checkbox], [type=radio], .visually-hidden, .btn-check)';
    const shown = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const small = element => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && Math.min(box.width, box.height) < least - 0.5;
    };
    const named = e => `${e.tagName.toLowerCase()}.${e.className} “${(e.innerText || e.name || '').slice(0, 30)}”`;
    return [...document.querySelectorAll(wanted)]
        .filter(element => shown(element) && small(element) && !element.matches('.visually-hidden *, .gd-crumb a'))
        .map(element => `${named(element)} is ${Math.round(element.getBoundingClientRect().width)} by `
            + `${Math.round(element.getBoundingClientRect().height)} px`);
}"""

TEXTS = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        if (text && !element.closest('svg, script') && element.checkVisibility()) {
            found.push([text, parseFloat(getComputedStyle(element).fontSize)]);
        }
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
            if (element.getAttribute(name)) found.push([element.getAttribute(name), 99]);
        }
    }
    return found;
}"""

SCRIPTS = """() => performance.getEntriesByType('resource')
    .filter(entry => new URL(entry.name).pathname.endsWith('.js'))
    .reduce((bytes, entry) => bytes + entry.decodedBodySize, 0)"""


def faults(page: Page) -> list[str]:
    """What is too wide, too small or untranslated, a line each; the page's window is as before afterwards."""
    found = [f"script: {size} bytes"] if (size := page.evaluate(SCRIPTS)) > MOST_SCRIPT else []
    language = page.evaluate("document.documentElement.lang")
    for text, size in page.evaluate(TEXTS):
        if size < SMALLEST_TEXT:
            found.append(f"letters of {size} px: {text[:40]}")
        if untranslated(text, language):
            found.append(f"not in {language}: {text[:80]}")
    width = page.viewport_size["width"] if page.viewport_size else PHONE["width"]
    if width <= PHONE["width"]:
        found += page.evaluate(TARGETS, SMALLEST_TARGET)
    return found


def sticks_out(page: Page, width: int = NARROWEST) -> list[str]:
    """What sticks out sideways in a window of that width."""
    before = page.viewport_size or PHONE
    page.set_viewport_size(ViewportSize(width=width, height=before["height"]))
    over = overflow(page)
    page.set_viewport_size(before)
    return [f"{over} px wider than a window of {width} px"] if over > 0 else []


def untranslated(text: str, language: str) -> bool:
    """Whether it is a text of the product in the other language, or on a Chinese page a sentence in English."""
    chinese, english = texts()
    if language == "en":
        return text in chinese - english - NAMES
    return text in english - chinese or bool(re.search(r"\b[A-Za-z]+( [a-z]+){3}\b", text))


@cache
def texts() -> tuple[frozenset[str], frozenset[str]]:
    """The product's whole texts, those without parameters: Chinese, English."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    plain = [entry for entry in catalogue if entry.id and isinstance(entry.id, str) and "%(" not in entry.id]
    chinese, english = {str(entry.string) for entry in plain}, {str(entry.id) for entry in plain}
    return frozenset(chinese), frozenset(english)
