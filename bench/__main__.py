"""`python -m bench [NAME]`: measure one thing, or all; one JSON object a line on standard output.

What counts is the ratio, measured in the same run with the two sides taking turns; single figures
depend on the machine. Progress goes to standard error. Exits 0 when it could measure.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench.result import Result

NAMES = (
    *("sign", "webhooks", "kill", "fold", "matching", "dashboard", "search", "import"),
    *("pages", "counter", "soak"),
)
MODULES = {"import": "imports"}  # which no module can be called
RESULTS = Path(__file__).resolve().parent.parent / "var" / "bench"


def line_of(result: Result) -> str:
    told = {
        **asdict(result),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
    }
    return json.dumps(told)


def measure(name: str) -> Iterator[Result]:
    sys.stderr.write(f"{name}\n")
    yield from import_module(f"bench.{MODULES.get(name, name)}").measure()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast Soutien is.")
    parser.add_argument(
        "name", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES)
    )
    names = parser.parse_args().name or NAMES
    RESULTS.mkdir(parents=True, exist_ok=True)
    results = []
    for name in names:
        lines = []
        for result in measure(name):
            lines.append(line_of(result))
            sys.stdout.write(lines[-1] + "\n")
            sys.stdout.flush()
            results.append(result)
        (RESULTS / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    if len(names) > 1:
        show(results)


def show(results: list[Result]) -> None:
    sys.stderr.write(f"\n{'name':<16}{'value':>10} {'unit':<6}{'ratio':>7}  against\n")
    for result in results:
        ratio = "–" if result.ratio is None else f"{result.ratio:.2f}"
        sys.stderr.write(
            f"{result.name:<16}{result.value:>10.1f} {result.unit:<6}{ratio:>7}  {result.against}\n"
        )


if __name__ == "__main__":
    main()
