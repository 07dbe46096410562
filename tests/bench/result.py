"""A figure with what it must be and what it aims at, and the table of them."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """`must` and `aim` are bounds: from above, or from below when `more_is_better`.

    `foreign` is the share of the processors that other programs took meanwhile, `cpu` the ms
    of CPU that each time took of the application and the database, where these are known.
    """

    what: str
    unit: str
    value: float
    must: float | None = None
    aim: float | None = None
    more_is_better: bool = False
    note: str = ""
    foreign: float | None = None
    cpu: float | None = None

    @property
    def verdict(self) -> str:
        if self.must is None:
            return ""
        if self.aim is not None and self._reaches(self.aim):
            return "aim"
        return "ok" if self._reaches(self.must) else "late"

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.more_is_better else self.value <= bound

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"verdict": self.verdict}


def table(results: list[Result]) -> str:
    """The results as lines of text, columns aligned."""
    head = ("what", "value", "must", "aim", "", "")
    lines = [head, *(_line(result) for result in results)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in (0, 4, 5) else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def _line(result: Result) -> tuple[str, ...]:
    bounds = (number(result.must), number(result.aim))
    return (
        result.what,
        f"{number(result.value)} {result.unit}",
        *bounds,
        result.verdict,
        result.note,
    )


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"
