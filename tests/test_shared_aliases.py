"""Aliases that threads share are ready before the first thread uses them (`engine.database.shared_alias`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOOK = """
import sys
from pathlib import Path
import sqlalchemy as sa
from sqlalchemy.orm.util import AliasedClass
from tickets.runtime import Runtime
from web import create_app
from web.config import Config

folder = Path(sys.argv[1])
config = Config(data_folder=folder, database_url="", secret_key="k" * 32)
create_app(Runtime(sa.create_engine("sqlite://"), folder), config)
for name, module in list(sys.modules.items()):
    if name.split(".")[0] in ("engine", "forms", "tickets", "web"):
        for key, value in vars(module).items():
            if isinstance(value, AliasedClass):
                print(f"{name}.{key}", bool(sa.inspect(value).selectable.c._proxy_index))
"""


def test_every_alias_of_a_module_is_ready_when_the_module_is_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOOK, str(tmp_path)]  # a process in which nothing was queried yet
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    found = dict(line.split() for line in said.splitlines())
    assert "tickets.rows.Requester" in found, "the check finds aliases"
    assert [name for name, ready in found.items() if ready != "True"] == [], "make it with shared_alias"
