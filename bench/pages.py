"""How long pages take with 10,000,000 signatures, and with 102,911; asked in turns."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench import servers, sizes
from bench.result import Result

LARGE = 10_000_000
WARM, ROUNDS = 3, 15


def measure() -> Iterator[Result]:
    with sizes.databases(LARGE) as sides, ExitStack() as stack:
        small, large = (stack.enter_context(asked(side)) for side in sides)
        names = small.answer().split()
        large.answer()
        for name in names:
            took = [(small.ask(name), large.ask(name)) for _ in range(WARM + ROUNDS)][WARM:]
            few, many = (statistics.median(side) for side in zip(*took, strict=True))
            yield Result(
                f"pages-{name}",
                round(many, 1),
                "ms",
                f"{sizes.SMALL} signatures; at most 1.3 times",
                round(many / few, 3),
                {"ms_small": round(few, 1)},
            )


class Asker:
    """A process that asks for pages of one database (see bench.requests)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("bench.requests ended")
        return line

    def ask(self, name: str) -> float:
        """Return the milliseconds of a page."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        return float(self.answer())


@contextmanager
def asked(environment: dict[str, str]) -> Iterator[Asker]:
    command = [sys.executable, "-m", "bench.requests"]
    with subprocess.Popen(  # noqa: S603 (our own command line)
        command,
        cwd=servers.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Asker(process)
        finally:
            process.terminate()
