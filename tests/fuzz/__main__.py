"""Run the fuzz as long as asked: `python -m tests.fuzz --requests 10000 --seed 7 --database sqlite`.

`--each 10000` lets each kind of person send as many; `--who anna` only that one.
"""

import argparse
import sys

import pytest


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=0)
    parser.add_argument("--who")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    return pytest.main(
        ["-q", "-s", "-p", "no:cacheprovider", "tests/fuzz/test_fuzz.py"]
        + [f"--{name}={value}" for name, value in vars(asked).items() if value is not None]
    )


sys.exit(main())
