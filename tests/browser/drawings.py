"""Draws the diagrams of the shipped ticket types as the product does, for the pages that describe them.

python -m tests.browser.drawings [--into docs/ticket-types] [key…]
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from string import Template
from typing import Any

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser.harness import ROOT, launch, serving

DIST = ROOT / "web/static/dist"
SHIPPED = ROOT / "processes"
TYPES = {".css": "text/css", ".js": "text/javascript", ".bpmn": "application/xml"}
MARGIN = 40
PAGE = Template("""<!doctype html>
<html lang="zh" data-bs-theme="light">
  <head>
    <meta charset="utf-8">
    <title>$key</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/$gongdan_css">
    <link rel="stylesheet" href="/$viewer_css">
    <style>body { margin: 0 } .gd-diagram { width: 100vw; height: 100vh; border-radius: 0; background: #fff }</style>
  </head>
  <body>
    <div class="gd-diagram" data-bpmn-src="/$key.bpmn" data-label="$key" data-error-text="?"></div>
    <script src="/$viewer_js" defer></script>
  </body>
</html>
""")


def main() -> None:
    """Writes a PNG for each type named, or for all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, default=ROOT / "docs/ticket-types")
    parser.add_argument("key", nargs="*", default=keys())
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    with serving(app) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        for key in given.key:
            picture = given.into / f"{key}.png"
            picture.write_bytes(draw(page, address, key))
            print(f"{picture}: {picture.stat().st_size // 1024} KB")  # noqa: T201 - a command's answer
        browser.close()


def keys() -> list[str]:
    """The shipped types with a diagram of their own."""
    return sorted(path.stem for path in SHIPPED.glob("*/*.bpmn"))


def draw(page: Page, address: str, key: str) -> bytes:
    """The diagram at its own size, as a PNG."""
    page.set_viewport_size(size_of(source(key).decode()))
    page.goto(f"{address}/{key}")
    page.wait_for_selector("[data-ready='1']")
    return page.screenshot()


def size_of(bpmn: str) -> ViewportSize:
    """As large as what is drawn, with a margin."""
    boxes = [tuple(map(float, box)) for box in re.findall(_BOX, bpmn)]
    points = [(float(x), float(y), 0.0, 0.0) for x, y in re.findall(_POINT, bpmn)]
    shapes = boxes + points
    width = max(x + w for x, _, w, _ in shapes) - min(x for x, *_ in shapes)
    height = max(y + h for _, y, _, h in shapes) - min(y for _, y, *_ in shapes)
    return ViewportSize(width=int(width) + 2 * MARGIN, height=int(height) + 2 * MARGIN)


_BOX = re.compile(r'<dc:Bounds x="([-\d.]+)" y="([-\d.]+)" width="([-\d.]+)" height="([-\d.]+)"')
_POINT = re.compile(r'<di:waypoint x="([-\d.]+)" y="([-\d.]+)"')


def source(key: str) -> bytes:
    """A shipped type's BPMN file."""
    return (SHIPPED / key / f"{key}.bpmn").read_bytes()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serves a page for each type, its file, and what the pages are built of."""
    path = Path(environ["PATH_INFO"])
    if path.suffix == ".bpmn":
        body = source(path.stem)
    elif path.suffix:
        body = (DIST / path.name).read_bytes()
    else:
        built = json.loads((DIST / "manifest.json").read_text())
        names = {re.sub(r"\W", "_", name): hashed for name, hashed in built.items()}
        body = PAGE.substitute(names, key=path.name).encode()
    start_response("200 OK", [("Content-Type", TYPES.get(path.suffix, "text/html; charset=utf-8"))])
    return [body]


if __name__ == "__main__":
    main()
