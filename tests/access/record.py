"""Prints rows for addresses that the table lacks, as they are now: to be read and judged before they are taken over.

python -m tests.access.record
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from werkzeug.routing import BuildError

from tests.access.matrix import MATRIX, Row
from tests.access.stage import set_stage
from tests.access.test_matrix import Theatre, addresses, seen
from tests.databases import Databases, Run


def main() -> None:
    run = Run()
    databases = Databases(run.folder)
    with tempfile.TemporaryDirectory() as folder, set_stage(databases, Path(folder)) as stage:
        stage.cast.runtime.database.dispose()
        kept = Path(folder) / "kept.db"
        shutil.copyfile(stage.database, kept)
        theatre = Theatre(stage, kept)
        for name in sorted(addresses(stage)):
            row = MATRIX.get(name, Row(""))
            try:
                letters = seen(theatre, name, row)
            except BuildError as lacking:
                sys.stdout.write(f"    # {name}: {lacking}\n")
                continue
            if letters != row.expected:
                parts = " ".join((letters[:5], letters[5:8], letters[8:10], letters[10:]))
                sys.stdout.write(f'    "{name}": Row("{parts}"),\n')
    databases.close()
    run.close()


if __name__ == "__main__":
    main()
