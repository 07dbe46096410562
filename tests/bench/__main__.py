"""`python -m tests.bench`: prints every figure against what it must be and what it aims at."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cmdb.database import utc_now
from tests.bench import (
    clocks,
    day_list,
    directories,
    helpdesk,
    http,
    impact,
    load,
    peers,
)
from tests.bench.result import Result, table
from tests.postgres import Cluster

PARTS = ("clocks", "impact", "day_list", "directories", "pages", "peers")
SMALL, LARGE = "bench10k", "bench100k"
SIZES = {SMALL: 10_000, LARGE: 100_000}
GROWTH = 1.2
GROWING = ("queue page", "ticket with history", "requester files", "agent replies")
# A small server; data is safe on disk at a commit, as in production.
OPTIONS = ("-c", "fsync=on", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there as well")
    parser.add_argument(
        "--only", metavar="WORDS", default="", help="only pages with WORDS in their name"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    chosen = arguments.parts or (["pages"] if arguments.only else PARTS)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="servicedesk-bench-") as folder:
        os.environ["SERVICEDESK_INSTANCE"] = folder
        cluster = Cluster(*OPTIONS)
        try:
            results = {
                part: _shown(part, figures)
                for part, figures in _parts(cluster, Path(folder), chosen, arguments.only)
            }
        finally:
            cluster.stop()
    if helpdesk.NAME in results:
        title = "as many times better than the better peer"
        results["peers"] = _shown(title, peers.compare(results[LARGE], results[helpdesk.NAME]))
    if growth := list(_growth(results)):
        results["growth"] = _shown("from 10,000 to 100,000 tickets", growth)
    print(f"\n{_disturbance(results)} All took {time.monotonic() - begun:.0f} s.")
    if arguments.json:
        written = {
            part: [result.as_dict() for result in figures] for part, figures in results.items()
        }
        arguments.json.write_text(json.dumps(written, indent=2))


def _parts(
    cluster: Cluster, instance: Path, chosen: Sequence[str], only: str
) -> Iterator[tuple[str, Iterator[Result]]]:
    if "clocks" in chosen:
        yield "deadlines", clocks.arithmetic()
        yield "the watch", clocks.idle_tick(cluster)
    if "impact" in chosen:
        yield "impact", impact.questions(cluster)
    if "day_list" in chosen:
        yield "items as of a date", day_list.questions(cluster)
    if "directories" in chosen:
        yield "directories", directories.questions(cluster)
    # A peer is held against the pages in the same run, among as many tickets as are many.
    for name, tickets in SIZES.items():
        if "pages" in chosen or "peers" in chosen and name == LARGE:
            app = load.load(cluster, name, tickets, utc_now())
            yield name, http.measure(cluster, app, name, instance, only)
    if "peers" in chosen:
        try:
            python = helpdesk.install()
        except helpdesk.NotInstalled as reason:
            print(f"\nNo peer is measured, django-helpdesk could not be installed: {reason}")
            return
        figures = helpdesk.measure(python, cluster, instance, SIZES[LARGE], utc_now(), only)
        yield helpdesk.NAME, figures


def _growth(results: dict[str, list[Result]]) -> Iterator[Result]:
    small, large = (
        {r.what: r for r in results.get(name, ()) if r.unit == "ms"} for name in SIZES
    )
    for name in GROWING:
        if name in small and name in large:
            yield Result(name, "times", large[name].value / small[name].value, GROWTH)


def _disturbance(results: dict[str, list[Result]]) -> str:
    """How quiet the machine was while pages were measured."""
    shares = [r.foreign for part in results.values() for r in part if r.foreign is not None]
    if not shares:
        return "How busy other programs were was not looked at."
    late = sum(share > http.QUIET for share in shares)
    return (
        f"Other programs took {sum(shares) / len(shares):.0%} of the processors on average,"
        f" {max(shares):.0%} at most; {late} of {len(shares)} rows say more than {http.QUIET:.0%}"
        " and are to be measured again."
    )


def _shown(title: str, figures: Iterable[Result]) -> list[Result]:
    results = list(figures)
    print(f"\n{title}\n{table(results)}", flush=True)
    return results


if __name__ == "__main__":
    main()
