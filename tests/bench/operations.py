"""What people do all day, as whole operations over HTTP; each with what it must cost."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status
from tests.bench import load, texts
from tests.bench.client import Client, Form

QUEUE = "/desk?view=all"
_SOME = 300  # tickets that take turns


@dataclass(frozen=True)
class Operation:
    """`start` gives a client's own deed, done over and over.

    `must` and `aim` are median ms of one client among 100,000 tickets, `rate` is a second for
    eight clients, `statements` what SQL may be run in one page. A good answer has `mark` in it.
    It is done by one client, and by `clients` at a time when these are more.
    """

    name: str
    login: str
    start: Callable[[Client], Callable[[], bytes]]
    must: float | None = None
    aim: float | None = None
    rate: float | None = None
    statements: int = 12
    mark: bytes = b"<main"
    clients: int = 8


def operations() -> list[Operation]:
    """Everything that is measured, reads before writes; call it with the database at hand."""
    every = _numbers(sa.true())
    working = _numbers(Ticket.status == Status.IN_PROGRESS)
    return [
        Operation("queue page", load.AGENT, _reader(QUEUE), 15, 8, rate=8 * 15.5),
        Operation("ticket with history", load.AGENT, _tickets(every), 11, 7, rate=3 * 55),
        Operation("search, rare word", load.AGENT, _reader(f"{QUEUE}&q={texts.RARE}"), 14, 7),
        Operation("search, common word", load.AGENT, _reader(f"{QUEUE}&q={texts.COMMON}"), 52, 21),
        Operation("report, municipality x month", load.MANAGER, _reader("/reports/sla"), 45, 9),
        Operation("agent replies", load.AGENT, _replies(working), 16, 9, statements=40),
        Operation("requester files", load.REQUESTER, _file, 12, 7, statements=40),
    ]


def _numbers(condition) -> Iterator[str]:
    """Numbers of some tickets, over and over; threads may share them."""
    step = sa.func.mod(Ticket.id * 7919, 10007)
    chosen = sa.select(Ticket.number).where(condition).order_by(step, Ticket.id).limit(_SOME)
    return itertools.cycle(db.session.scalars(chosen).all())


def _reader(path: str):
    return lambda client: lambda: client.get(path)


def _tickets(numbers: Iterator[str]):
    return lambda client: lambda: client.get(f"/desk/tickets/{next(numbers)}")


def _replies(numbers: Iterator[str]):
    def start(client: Client) -> Callable[[], bytes]:
        first = next(numbers)
        form = Form(client.page(f"/desk/tickets/{first}"), f"{first}/reply")
        fields = form.fields | {"reply-body": "Wij kijken ernaar en laten het u morgen weten."}
        return lambda: client.post(f"/desk/tickets/{next(numbers)}/reply", fields)

    return start


def _file(client: Client) -> Callable[[], bytes]:
    form = Form(client.page("/my/report"), "/my/report")
    text = ("De printer op de eerste verdieping geeft alleen lege vellen. " * 10)[: texts.LENGTH]
    fields = form.fields | {"title": "Printer geeft lege vellen", "body": text}
    # Each form has a token of its own, by which a double click is noticed.
    return lambda: client.post(form.path, fields | {"token": uuid.uuid4().hex})
