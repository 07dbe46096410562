"""django-helpdesk 2.6.1 in the same run, on the same cluster, with as many tickets of the same texts.

It is installed from PyPI into a virtual environment of its own, in the user's cache, and is set up in
its favour: only agents can be owners, its database has room to sort and compiles no query.
"""

import datetime as dt
import hashlib
import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from tests.bench import http, texts
from tests.bench.client import Client, Failed, Form
from tests.bench.load import AGENT, DAYS, PASSWORD, SEED
from tests.bench.operations import Operation
from tests.bench.result import Result
from tests.bench.server import Server, free_port
from tests.postgres import OWNER, Cluster

NAME = "django-helpdesk"
_DATABASE = "bench_helpdesk"
_ROOT = Path(__file__).resolve().parent.parent.parent
_LOCK = _ROOT / ".ci/requirements-helpdesk.txt"
_AGENTS, _REQUESTERS, _QUEUES = 12, 2000, 7
_OPEN, _CLOSED = 1, 4
_SIGN_IN = "/login/"
_NOBODY = ""  # who files does not sign in
_SOME = 300  # tickets that take turns
_OPENED = "Ticket Opened Via Web"  # as its forms call it
_ANSWER = "Wij kijken ernaar en laten het u morgen weten."
_ROWS = re.compile(rb"/datatables_ticket_list/[\w+/=]+")
_TICKETS = (
    "id, title, queue_id, created, modified, submitter_email, assigned_to_id, status, on_hold, description,"
    " priority, secret_key"
)
_FOLLOW_UPS = "date, title, comment, public, user_id, new_status, ticket_id"

Turn = tuple[int, str, int, int, int]  # number, title, queue, owner and priority of a ticket


class NotInstalled(Exception):
    """PyPI cannot be reached, and nothing is in the cache."""


def install() -> Path:
    """The Python of the virtual environment, which is made when the lock is new.

    Raises:
        NotInstalled
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "servicedesk-bench" / f"helpdesk-{digest}-{version}"
    python, complete = folder / "bin/python", folder / "complete"
    if complete.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    done = subprocess.run([python, *install, "--requirement", _LOCK], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise NotInstalled(done.stderr.strip().splitlines()[-1])
    complete.touch()
    return python


def measure(
    python: Path, cluster: Cluster, instance: Path, tickets: int, now: dt.datetime, only: str = ""
) -> Iterator[Result]:
    """The same operations as of the product, by the same names, then memory and cold start.

    `python` is what `install` gave.
    """
    cluster.create(_DATABASE)
    cluster.sql(
        f"ALTER DATABASE {_DATABASE} SET jit = off",
        f"ALTER DATABASE {_DATABASE} SET work_mem = '32MB'",
    )
    environment = {
        "HELPDESK_DATABASE": _DATABASE,
        "HELPDESK_PORT": str(cluster.port),
        "HELPDESK_ROLE": OWNER,
        "HELPDESK_FOLDER": str(instance),
    }
    (instance / "static").mkdir()
    words = f"prepare({_AGENTS}, {_REQUESTERS}, {_QUEUES}, {PASSWORD!r})"
    subprocess.run(
        [python, "-c", f"from tests.bench.helpdesk_site import prepare; {words}"],
        env=os.environ | environment,
        cwd=_ROOT,
        check=True,
    )
    url = cluster.url(_DATABASE, "postgres").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        _copy(connection, tickets, now)
        every, working = _some(connection, "true"), _some(connection, f"status = {_OPEN}")
    # On a busy machine its report takes longer than the 30 seconds that gunicorn allows.
    options = (f"--chdir={_ROOT}", "--no-control-socket", "--timeout=300")
    command = (python, "-m", "gunicorn", *options, "tests.bench.helpdesk_site:application")
    server = Server(cluster, free_port(), command, environment, instance / "helpdesk.log", _SIGN_IN)

    def enter_as(login: str) -> Client:
        client = Client(server.port)
        return client.sign_in(login, PASSWORD, _SIGN_IN, "username") if login else client

    try:
        for operation in operations(every, working):
            if only in operation.name:
                yield from http.figures(server, operation, enter_as)
        yield Result(http.MEMORY, "MB", server.memory())
        yield Result(http.COLD_START, "s", server.cold_start)
    finally:
        server.stop()


def _copy(connection: psycopg.Connection, tickets: int, now: dt.datetime) -> None:
    """A tenth open; each begins with its text again, as the forms write it, and has two answers more."""
    random_ = random.Random(SEED)
    writer = texts.Writer(random_)
    agents = [key for (key,) in connection.execute("SELECT id FROM auth_user WHERE is_staff ORDER BY id")]
    moments = sorted(now - dt.timedelta(minutes=random_.randrange(60, DAYS * 1440)) for _ in range(tickets))
    with connection.cursor() as cursor:
        follow_ups: list[tuple] = []
        with cursor.copy(f"COPY helpdesk_ticket ({_TICKETS}) FROM STDIN") as copy:
            for key, (at, body) in enumerate(zip(moments, writer.bodies(tickets)), 1):
                agent, status = random_.choice(agents), _OPEN if random_.random() < 0.1 else _CLOSED
                queue, priority = random_.randint(1, _QUEUES), random_.randint(1, 5)
                email = f"requester{random_.randrange(_REQUESTERS)}@example.org"
                secret = f"{key:036}"
                copy.write_row(
                    (key, writer.title(), queue, at, at, email, agent, status, False, body, priority, secret)
                )
                follow_ups.append((at, _OPENED, body, True, None, None, key))
                for n in range(1, random_.randint(2, 4)):
                    when = at + dt.timedelta(minutes=20 * n)
                    follow_ups.append((when, "Comment", writer.body(200), True, agent, None, key))
        with cursor.copy(f"COPY helpdesk_followup ({_FOLLOW_UPS}) FROM STDIN") as copy:
            for row in sorted(follow_ups, key=lambda row: row[0]):
                copy.write_row(row)
    connection.execute(f"ALTER TABLE helpdesk_ticket ALTER id RESTART WITH {tickets + 1}")
    connection.execute("VACUUM (ANALYZE, FREEZE)")
    connection.execute("CHECKPOINT")


def _some(connection: psycopg.Connection, condition: str) -> list[Turn]:
    return connection.execute(
        "SELECT id, title, queue_id, assigned_to_id, priority FROM helpdesk_ticket"
        f" WHERE {condition} ORDER BY mod(id * 7919, 10007), id LIMIT {_SOME}"
    ).fetchall()


def operations(every: list[Turn], working: list[Turn]) -> list[Operation]:
    """Reads before writes, and last what makes the application grow."""
    turns = itertools.cycle(every)
    rows, form = b'"recordsTotal"', b"ticket-respond-form"
    answered = f"<p>{_ANSWER}</p>".encode()  # not in the form, which would be a refusal
    return [
        Operation("queue page", AGENT, _list(""), mark=rows),
        Operation("ticket with history", AGENT, _tickets(turns), mark=form),
        Operation("agent replies", AGENT, _replies(itertools.cycle(working)), mark=answered, clients=1),
        Operation("requester files", _NOBODY, _file, mark=_OPENED.encode(), clients=1),
        Operation("search, rare word", AGENT, _list(f"?q={texts.RARE}"), mark=rows, clients=1),
        Operation("search, common word", AGENT, _list(f"?q={texts.COMMON}"), mark=rows, clients=1),
        Operation("report, municipality x month", AGENT, _report, mark=b"Queue 6", clients=1),
    ]


def _list(query: str):
    """The page, and the 50 rows that it then asks for."""

    def start(client: Client) -> Callable[[], bytes]:
        def deed() -> bytes:
            found = _ROWS.search(client.get(f"/tickets/{query}"))
            if not found:
                raise Failed("the list asks for no rows")
            return client.get(f"{found[0].decode()}?draw=1&start=0&length=50")

        return deed

    return start


def _tickets(every: Iterator[Turn]):
    return lambda client: lambda: client.get(f"/tickets/{next(every)[0]}/")


def _report(client: Client) -> Callable[[], bytes]:
    return lambda: client.get("/reports/queuemonth/")


def _replies(working: Iterator[Turn]):
    def start(client: Client) -> Callable[[], bytes]:
        key = next(working)[0]
        form = Form(client.page(f"/tickets/{key}/"), f"/tickets/{key}/update/")

        def deed() -> bytes:
            key, title, queue, owner, priority = next(working)
            # What is the same as it was: else the reply is a change of the ticket as well.
            same = {"title": title, "queue": queue, "owner": owner, "priority": priority}
            fields = same | {"comment": _ANSWER, "public": 1}
            return client.post(f"/tickets/{key}/update/", form.fields | fields)

        return deed

    return start


def _file(client: Client) -> Callable[[], bytes]:
    form = Form(client.page("/tickets/submit/"), "/tickets/submit/")
    text = ("De printer op de eerste verdieping geeft alleen lege vellen. " * 10)[: texts.LENGTH]
    fields = {"queue": 1, "title": "Printer geeft lege vellen", "body": text}
    fields["submitter_email"] = "requester0@example.org"
    return lambda: client.post(form.path, form.fields | fields)
