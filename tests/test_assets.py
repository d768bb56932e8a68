"""Builds of the pages' assets: the files of the one before stay, so that a server that runs meanwhile finds them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

GENERATIONS = Path(__file__).parents[1] / "web" / "assets" / "generations.mjs"


def node(script: str) -> None:
    subprocess.run(["node", "--input-type=module", "--eval", script], check=True, capture_output=True, timeout=60)


def build(dist: Path, **files: str) -> Mapping[str, str]:
    """One build of files by their names (style_css); its manifest."""
    outputs = json.dumps([[name.replace("_", "."), text] for name, text in files.items()])
    into = json.dumps(str(dist))
    node(f'import {{ write }} from "{GENERATIONS}"; write({into}, new Map({outputs}), "stamp");')
    manifest: Mapping[str, str] = json.loads((dist / "manifest.json").read_text())
    return manifest


def there(dist: Path) -> set[str]:
    return {path.name for path in dist.iterdir()} - {"manifest.json", ".stamp"}


def test_the_last_generation_stays_and_the_one_before_it_goes(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    first = build(dist, style_css="a", script_js="same")
    second = build(dist, style_css="b", script_js="same")
    assert first["style.css"] != second["style.css"]
    assert there(dist) == {*first.values(), *second.values()}, "a page of the first still has its style"
    assert (dist / first["style.css"]).read_text() == "a"
    third = build(dist, style_css="c", script_js="same")
    assert there(dist) == {*second.values(), *third.values()}


def test_a_package_has_only_its_own(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    build(dist, style_css="a")
    last = build(dist, style_css="b")
    node(f'import {{ leaveAlone }} from "{GENERATIONS}"; leaveAlone({json.dumps(str(dist))});')
    assert there(dist) == set(last.values())
