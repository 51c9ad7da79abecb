"""How long 102,911 signatures take to import, beside django-import-export and beside bare SQL.

Each round imports the same file three times into an emptied database: by the import's own job, by
the other library with its bulk options, and by COPY and a handful of statements, which is what
PostgreSQL needs at least. One address in thirty stands there twice.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import servers
from bench.result import Result

ROWS, MANY, ROUNDS = 102_911, 1_000_000, 5
HEADER = "Email,First name,Last name,Postcode,Country,Language,Signed at,Newsletter\n"
DUPLICATES = 30


def write_file(folder: Path, rows: int) -> Path:
    """Write a file of invented signers, always the same."""
    dice = random.Random(rows)  # noqa: S311 (nothing to guess here)
    path = folder / f"signatures-{rows}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for row in range(rows):
            who = dice.randrange(row) if row and row % DUPLICATES == 0 else row
            day = f"{1 + who % 28:02d}/{1 + who % 12:02d}/2025 {who % 24:02d}:{who % 60:02d}"
            file.write(
                f"Signer.{who}@example.org,Given{who % 500},Family{who % 3000},{1000 + who % 9000},"
                f"BE,{'fr' if who % 2 else 'nl'},{day},{'oui' if who % 3 == 0 else ''}\n"
            )
    return path


def run(environment: dict[str, str], way: str, path: Path) -> dict[str, Any]:
    """Import a file in a process of its own; return its seconds, memory and what it counted."""
    done = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-m", "bench.importing", way, str(path)],
        cwd=servers.ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "crm.settings"},
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stderr.write(f"  {way} {path.stem}: {found['seconds']:.2f} s, {found['megabytes']} MB\n")
    return found


def expect(found: dict[str, Any], **counts: int) -> None:
    wrong = {name: found[name] for name, number in counts.items() if found[name] != number}
    if wrong:
        raise AssertionError(f"expected {counts}, found {wrong}")


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder, servers.database() as environment:
        path = write_file(Path(folder), ROWS)
        people = len({line.split(",")[0] for line in path.read_text().splitlines()[1:]})
        ours, theirs, floor, memory = [], [], [], []
        for _round in range(int(os.environ.get("BENCH_ROUNDS", ROUNDS))):
            found = run(environment, "ours", path)
            expect(found, people=people, signatures=people, counter=people)
            again = run(environment, "again", path)
            expect(again, people=people, signatures=people, counter=people, unchanged=ROWS)
            ours.append(found["seconds"])
            memory.append(max(found["megabytes"], again["megabytes"]))
            found = run(environment, "floor", path)
            expect(found, people=people, signatures=people)
            floor.append(found["seconds"])
            found = run(environment, "library", path)
            expect(found, people=people, signatures=people)
            theirs.append(found["seconds"])
        seconds = median(ours)
        yield Result(
            "import",
            round(seconds, 2),
            "s",
            f"django-import-export, {ROWS:,} rows",
            round(median(theirs) / seconds, 1),
            {"theirs": round(median(theirs), 2), "people": people},
        )
        yield Result("import-memory", max(memory), "MB", "300 MB", round(max(memory) / 300, 2))
        yield Result(
            "import-floor",
            round(median(floor), 2),
            "s",
            "COPY and SQL alone: ours / floor",
            round(seconds / median(floor), 2),
        )
        large = run(environment, "ours", write_file(Path(folder), MANY))
        yield Result(
            "import-1m",
            round(large["seconds"], 1),
            "s",
            f"per row, {ROWS:,} rows",
            round(large["seconds"] / MANY / (seconds / ROWS), 2),
            {"megabytes": large["megabytes"]},
        )
