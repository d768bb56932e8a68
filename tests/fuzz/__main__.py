"""`python -m tests.fuzz TARGET [--seconds N]`: libFuzzer by atheris, which starts from the tests' own inputs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is missing; `make fuzz` installs it.")

# Line by line as it is imported, so that the fuzzer sees which branches an input takes.
with atheris.instrument_imports(include=["engine", "forms"]):
    from engine.expressions.feel.functions import FUNCTIONS as FEEL
    from engine.expressions.feel.lexer import KEYWORDS
    from engine.expressions.juel_methods import CALLABLE
    from engine.expressions.python_functions import FUNCTIONS
    from engine.expressions.python_methods import METHOD_NAMES
    from tests.engine.test_reading_anything import FILES, PIECES
    from tests.expressions import test_bombs as bombs
    from tests.fuzz.targets import TARGETS

SLOWEST = 20  # seconds for one input, instrumented: several times what it takes otherwise
LARGEST = {"bpmn": 20_000, "dmn": 20_000, "form": 4_000}
ROOT = Path(__file__).parents[2] / "processes"
SEEDS: dict[str, list[bytes]] = {
    "python": [source.encode(errors="ignore") for source in bombs.PYTHON],
    "script": [source.encode(errors="ignore") for source in bombs.SCRIPTS],
    "feel": [source.encode() for source in bombs.FEEL],
    "tests": [b"> 5", b'"a","b"', b"[1..5]", b"not(1,2)", b"? > 3 and ? < 9", b"-"],
    "juel": [source.encode() for source in bombs.JUEL],
    "template": [source.encode() for source in bombs.TEMPLATES],
    "bpmn": [content for name, content in FILES.items() if name.endswith("bpmn")],
    "dmn": [path.read_bytes() for path in ROOT.glob("*/*.dmn")],
    "form": [path.read_bytes() + b"\0{}" for path in ROOT.glob("*/*.form")],
}
PYTHONS = [*FUNCTIONS, *(f".{name}(" for name in METHOD_NAMES), "for x in ", " if ", " else ", "f'{a}'", "items"]
WORDS: dict[str, list[str]] = {
    "python": PYTHONS,
    "template": [*PYTHONS, "${"],
    "script": [*PYTHONS, "while ", "\n    ", "del ", "+= "],
    **{name: [*FEEL, *KEYWORDS, '@"2026-01-31"', "items[item > 1]"] for name in ("feel", "tests")},
    "form": [
        '"type":',
        '"key":',
        '"components":',
        '"validate":',
        '"conditional":',
        '"values":',
        '"select"',
        '"number"',
    ],
    "juel": ["${", *(f".{name}(" for name in CALLABLE), "execution.getVariable('n')", "empty ", "var:get(n)"],
    **{name: [piece.decode(errors="ignore") for piece in PIECES] for name in ("bpmn", "dmn")},
}


def main() -> None:
    """Runs one target until its time is over or it finds something; both are kept in var/fuzz/<target>."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    place = Path("var/fuzz", chosen.target)
    corpus, found, words = place / "corpus", place / "found", place / "words"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    largest = LARGEST.get(chosen.target, 1_000)
    for number, seed in enumerate(SEEDS[chosen.target]):
        Path(corpus, f"seed-{number:04}").write_bytes(seed[:largest])
    words.write_text("".join(f"{_quoted(word)}\n" for word in WORDS.get(chosen.target, []) if word))
    options = [
        f"-max_total_time={chosen.seconds}",
        f"-timeout={SLOWEST}",
        f"-max_len={largest}",
        f"-artifact_prefix={found}/",
        f"-dict={words}",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[chosen.target], enable_python_coverage=True)
    atheris.Fuzz()


def _quoted(word: str) -> str:
    """A word of libFuzzer's dictionary: each byte as its number."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode(errors="ignore")) + '"'


if __name__ == "__main__":
    main()
