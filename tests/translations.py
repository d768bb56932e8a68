"""Checks that every text in the code is translated, and brings the catalogues up to date."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
CATALOGUES = ROOT / "web/translations"
LANGUAGES = ("zh",)
"""The texts in the code are English; these are the languages that have a catalogue."""

KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2)}
UNWANTED = {"您": "say 你", "！": "no exclamation marks", "“": "quote with 「」"}


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.translations", description=__doc__)
    parser.add_argument("--update", action="store_true", help="add new texts to the catalogues and drop those gone")
    update = parser.parse_args().update
    template = extract()
    faults = []
    for path in [CATALOGUES / language / "LC_MESSAGES/messages.po" for language in LANGUAGES]:
        if update:
            rewrite(path, template)
        faults += [f"{path.relative_to(ROOT)}: {fault}" for fault in faults_of(read(path), template)]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.stdout.write(f"{len(template)} texts, {len(faults)} faults\n")
    return bool(faults) and not update


def extract() -> Catalog:
    """Every text marked for translation, where babel.cfg says to look."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # Babel gives it no types
    found = Catalog(fuzzy=False)
    for name, line, text, comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        found.add(text, locations=[(name, line)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def rewrite(path: Path, template: Catalog) -> None:
    """Bring a catalogue up to date: sorted, without line numbers or dates, so that its changes read well."""
    catalogue = read(path)
    template.creation_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)


def faults_of(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a line each."""
    for message in texts(template):
        where = ", ".join(f"{name}:{line}" for name, line in message.locations[:2])
        translated = catalogue.get(message.id, message.context)
        if translated is None or not all(forms(translated)):
            yield f"not translated: {message.id!r} ({where})"
        elif translated.fuzzy:
            yield f"marked fuzzy, so it is not used: {message.id!r} ({where})"
    for message in texts(catalogue):
        if template.get(message.id, message.context) is None:
            yield f"no longer in the code (make messages drops it): {message.id!r}"
        for error in message.check(catalogue):
            yield f"{error}: {message.id!r}"
        for word, remedy in UNWANTED.items():
            if any(word in form for form in forms(message)):
                yield f"{remedy}: {message.id!r}"


def texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


if __name__ == "__main__":
    sys.exit(main())
