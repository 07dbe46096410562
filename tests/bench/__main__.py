"""`python -m tests.bench`: prints every figure against what it must be and what it aims at."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cmdb.database import utc_now
from tests.bench import clocks, day_list, http, impact, load
from tests.bench.result import Result, table
from tests.postgres import Cluster

SIZES = {"bench10k": 10_000, "bench100k": 100_000}
GROWTH = 1.2
GROWING = ("queue page", "ticket with history", "requester files", "agent replies")
# A small server; data is safe on disk at a commit, as in production.
OPTIONS = ("-c", "fsync=on", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    parser.add_argument(
        "--only", metavar="WORDS", default="", help="only operations with WORDS in their name"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="servicedesk-bench-") as folder:
        os.environ["SERVICEDESK_INSTANCE"] = folder
        cluster = Cluster(*OPTIONS)
        try:
            results = {
                part: _shown(part, figures)
                for part, figures in _parts(cluster, Path(folder), arguments.only)
            }
        finally:
            cluster.stop()
    results["growth"] = _shown("from 10,000 to 100,000 tickets", _growth(results))
    if arguments.json:
        written = {
            part: [result.as_dict() for result in figures] for part, figures in results.items()
        }
        arguments.json.write_text(json.dumps(written, indent=2))


def _parts(cluster: Cluster, instance: Path, only: str) -> Iterator[tuple[str, Iterator[Result]]]:
    if not only:
        yield "deadlines", clocks.arithmetic()
        yield "the watch", clocks.idle_tick(cluster)
        yield "impact", impact.questions(cluster)
        yield "items as of a date", day_list.questions(cluster)
    for name, tickets in SIZES.items():
        app = load.load(cluster, name, tickets, utc_now())
        yield name, http.measure(cluster, app, name, instance, only)


def _growth(results: dict[str, list[Result]]) -> Iterator[Result]:
    small, large = ({r.what: r for r in results[name] if r.unit == "ms"} for name in SIZES)
    for name in GROWING:
        if name in small and name in large:
            yield Result(name, "times", large[name].value / small[name].value, GROWTH)


def _shown(title: str, figures: Iterator[Result]) -> list[Result]:
    results = list(figures)
    print(f"\n{title}\n{table(results)}", flush=True)
    return results


if __name__ == "__main__":
    main()
