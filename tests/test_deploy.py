"""The files with which operators install Gongdan say what this program understands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from web.cli import main
from web.config import SETTINGS, read_config

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXAMPLE = DEPLOY / "gongdan.env.example"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def commands() -> list[list[str]]:
    """Every command that a unit, a container or the manual starts."""
    units = [line.partition("=")[2] for unit in UNITS for line in unit.read_text().splitlines() if "ExecStart=" in line]
    named = [shlex.split(line.replace("(", "\\(").replace(")", "\\)")) for line in units]
    containers = [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    image = re.findall(r"^CMD \[(.*)\]$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    return [*named, *containers, *(re.findall(r'"([^"]*)"', line) for line in image)]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_each_command_is_one_that_there_is(command: list[str]) -> None:
    program, *arguments = command
    if Path(program).name == "gunicorn":
        assert arguments == ["--config", "python:web.gunicorn_settings", "web.wsgi:application()"]
        return
    assert Path(program).name == "gongdan"
    words = [word for word in arguments if not word.startswith("-")]
    answer = CliRunner().invoke(main, [*arguments, "--help"])
    assert answer.exit_code == 0, (words, answer.output)


def test_the_example_sets_only_what_there_is_and_is_taken_once_filled_in(tmp_path: Path) -> None:
    lines = re.findall(r"^#? ?([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    known = {*SETTINGS, "WEB_CONCURRENCY", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}
    assert {name for name, _ in lines} <= known
    config = read_config({**dict(lines), "GONGDAN_SECRET_KEY": "x" * 40, "GONGDAN_DATA": str(tmp_path)})
    assert config.secure_cookies
    assert config.trusted_proxies == 1


def test_the_containers_wait_for_the_upgrade_and_have_time_to_stop() -> None:
    services = COMPOSE["services"]
    for name in ("web", "worker", "outside"):
        assert services[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > 30


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path) -> None:
    """Its programs are put where they would be."""
    text = unit.read_text()
    assert re.search(r"^TimeoutStopSec=40$", text, re.MULTILINE) or "Type=oneshot" in text
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not here")
    for other in UNITS:
        (tmp_path / other.name).write_text(re.sub(r"/opt/gongdan/bin/\w+", "/bin/true", other.read_text()))
    named = tmp_path / unit.name.replace("@.", "@1.")
    if named != tmp_path / unit.name:
        (tmp_path / unit.name).rename(named)
    said = subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(named)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert unit.name.split(".")[0].split("@")[0] not in said.stderr, said.stderr


def test_the_manual_names_every_file() -> None:
    manual = (ROOT / "docs" / "operator.md").read_text()
    for name in ("deploy/compose.yaml", "deploy/Dockerfile", "deploy/gongdan.env.example", "deploy/systemd/"):
        assert name in manual
    assert "gongdan db upgrade" in manual
