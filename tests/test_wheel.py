"""What `make wheel` packs."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
ELSEWHERE = {".git", ".venv", "node_modules", "build", "dist", "var", "tests", "__pycache__", "gongdan.egg-info"}


def leave_out(folder: str, names: list[str]) -> set[str]:
    return ELSEWHERE & set(names) if Path(folder) == ROOT else {"__pycache__"}


def source_files(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(pattern)}


@pytest.mark.slow
def test_the_wheel_carries_all_that_runs_and_nothing_else(tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT, tmp_path / "source", ignore=leave_out)
    command = "pip wheel --quiet --no-deps --no-build-isolation --disable-pip-version-check --wheel-dir"
    subprocess.run([sys.executable, "-m", *command.split(), tmp_path, copy], check=True)
    (wheel,) = tmp_path.glob("gongdan-*.whl")
    packed = set(ZipFile(wheel).namelist())
    needed = [
        source_files("web/templates", "*.html"),
        source_files("web/static", "*.[jc]s*"),
        source_files("web/static", "sprite.*.svg"),
        source_files("web/translations", "*.mo"),
        source_files("processes", "*.bpmn"),
        source_files("processes", "*.form"),
        source_files("migrations", "*.py"),
        {name for package in ("engine", "forms", "tickets", "web") for name in source_files(package, "*.py")},
    ]
    for names in needed:
        assert names
        assert names <= packed
    tops = {name.split("/")[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "engine", "forms", "migrations", "processes", "tickets", "web",
    }  # fmt: skip
