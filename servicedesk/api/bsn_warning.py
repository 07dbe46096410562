"""What a program is told when a burgerservicenummer stands in what it sent.

A page asks its writer first; a program cannot be asked, so it is kept as sent and told.
"""

from collections.abc import Iterable

from servicedesk.tickets.bsn import find_bsns, mask


def warnings(texts: Iterable[str]) -> list[str]:
    """A sentence for each number in the texts, by which its sender knows it again and nobody else."""
    return [
        f"{mask(number)} looks like a burgerservicenummer; it was kept as you sent it."
        for number in find_bsns("\n".join(texts))
    ]
