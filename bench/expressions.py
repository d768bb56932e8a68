"""Microseconds of CPU for one evaluation: `python -m bench.expressions [--json]`."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.expressions import Language, compile_expression, compile_script, compile_template

VALUES: dict[str, Any] = {
    "amount": 150,
    "region": "north",
    "urgent": False,
    "requester": {"name": "Li Na", "campus": "Hangzhou"},
    "items": [{"name": f"part {number}", "price": number * 1.5, "count": number % 3} for number in range(10)],
}
CONDITIONS = {
    "python": (Language.PYTHON, 'amount > 100 and region == "north" and not urgent'),
    "feel": (Language.FEEL, '= amount > 100 and region = "north" and not(urgent)'),
    "juel": (Language.JUEL, '${amount > 100 && region == "north" && !urgent}'),
    "juel_methods": (Language.JUEL, "${var:gt(amount, 100) && region.equals('north') && !items.isEmpty()}"),
}
SCRIPT = """\
total = 0
for item in items:
    if item.count > 0:
        total += item.price * item.count
if total > 100 and region in ("north", "east"):
    discount = round(total * 0.05, 2)
else:
    discount = 0
due = total - discount
label = f"{requester.name}: {due:.2f}"
"""
TEMPLATE = "${requester.name} – ${region} (${amount})"


def measure(work: Callable[[], object], *, least: float = 0.05, rounds: int = 7) -> float:
    """The CPU time of one call in microseconds: the best of some rounds of at least `least` seconds."""
    count = 1
    while _seconds(work, count) < least:
        count *= 4
    return min(_seconds(work, count) for _ in range(rounds)) / count * 1e6


def _seconds(work: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        work()
    return time.process_time() - start


def figures() -> dict[str, float]:
    """Every figure by its name, in microseconds."""
    found = {}
    for name, (language, source) in CONDITIONS.items():
        found[f"condition_{name}_us"] = measure(partial(compile_expression(source, language).evaluate, VALUES))
    script, template = compile_script(SCRIPT), compile_template(TEMPLATE)
    found["script_us"] = measure(lambda: script.run(dict(VALUES)))
    found["template_us"] = measure(lambda: template.evaluate(VALUES))
    language, source = CONDITIONS["python"]
    found["compile_again_us"] = measure(lambda: compile_expression(source, language))
    return {name: round(value, 2) for name, value in found.items()}


def main() -> None:
    """Print the figures, as one JSON object with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    as_json = parser.parse_args().json
    found = figures()
    lines = [json.dumps(found)] if as_json else [f"{name:26} {value:8.2f}" for name, value in found.items()]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
