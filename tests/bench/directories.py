"""What signing in by a directory costs beside the directory itself, and all people brought in."""

import statistics
import time
from collections.abc import Iterator

from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.tenancy import EVERYTHING, enter
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.directory import sync
from servicedesk.directory.models import Directory, Kind, Security
from servicedesk.secrets import Secret
from tests.bench.client import Failed
from tests.bench.result import Result
from tests.postgres import Cluster
from tests.slapd import Slapd

_TOWNS = ("alfa", "beta", "gamma", "delta", "epsilon", "zeta", "eta")
_PEOPLE = 1_500
_ROUNDS = 15


def questions(cluster: Cluster) -> Iterator[Result]:
    """Seconds to bring in the people of seven municipalities, milliseconds of one signing in."""
    application_url, owner_url = cluster.create("bench_directories")
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        WTF_CSRF_ENABLED=False,
        DIRECTORY_NETWORKS=["127.0.0.0/8", "::1/128"],
    )
    server = Slapd("--tenants", ",".join(_TOWNS), "--users", _PEOPLE)
    try:
        with app.app_context():
            upgrade()
            enter(EVERYTHING)
            made = [_directory(server, number, town) for number, town in enumerate(_TOWNS)]
            db.session.commit()
            for what in ("first time", "nothing new"):
                yield _synchronised(made, what)
            db.session.remove()
            yield _signed_in(app)
            db.engine.dispose()
    finally:
        server.stop()


def _directory(server: Slapd, number: int, town: str) -> Directory:
    home = Municipality(name=town, code=f"{number:04d}", inhabitants=11_000)
    db.session.add(home)
    db.session.flush()
    there = server.info["tenants"][town]
    directory = Directory(
        municipality_id=home.id, domain=f"{town}.example", kind=Kind.ACTIVE_DIRECTORY,
        hosts=[f"localhost:{server.port}"], security=Security.STARTTLS, ca=server.ca,
        base=there["suffix"], bind_dn=there["sync_dn"],
        bind_password=Secret.of(there["sync_password"]), group_base=there["groups"],
        groups={"employee": [f"cn=sd-users,{there['groups']}"]}, next_sync_at=utc_now(),
    )  # fmt: skip
    db.session.add(directory)
    return directory


def _synchronised(directories: list[Directory], what: str) -> Result:
    begin, count = time.perf_counter(), 0
    for directory in directories:
        report = sync.run(directory, utc_now())
        if report.outcome != "done":
            raise Failed(f"{directory.domain}: {report.detail}")
        count += report.found
        db.session.commit()
    took = time.perf_counter() - begin
    return Result(f"{count:,} people of {len(directories)} directories, {what}", "s", took, 10)


def _signed_in(app) -> Result:
    """The processor time of the whole request in this process, without who else works."""
    took, waited = [], []
    form = {"login": "jdevries@alfa.example", "password": "Pw-jdevries-alfa"}
    for _ in range(_ROUNDS):
        begin, start = time.process_time(), time.perf_counter()
        with app.app_context():
            answer = app.test_client().post("/signin", data=form)
        took.append((time.process_time() - begin) * 1000)
        waited.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 302:
            raise Failed(f"the sign-in answers {answer.status}")
    note = f"{statistics.median(waited):.0f} ms with the directory and the database"
    return Result("signing in by a directory", "ms", statistics.median(took), 50, note=note)
