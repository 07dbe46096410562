"""How many SQL statements an operation runs, counted inside the process."""

from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from cmdb.database import db
from tests.bench import load
from tests.bench.client import Failed
from tests.bench.operations import Operation


class InProcess:
    """What an operation needs of a client, without a server in between."""

    def __init__(self, app: Flask, login: str):
        self._browser = app.test_client()
        self.post("/signin", {"login": login, "password": load.PASSWORD})

    def get(self, path: str) -> bytes:
        return self._checked(self._browser.get(path, follow_redirects=True), path)

    page = get

    def post(self, path: str, form: dict[str, str]) -> bytes:
        kind = "application/x-www-form-urlencoded"
        answer = self._browser.post(
            path, data=urlencode(form), content_type=kind, follow_redirects=True
        )
        return self._checked(answer, path)

    def _checked(self, response, path: str) -> bytes:
        if response.status_code != 200:
            raise Failed(f"{path}: {response.status_code}")
        return response.data


def statements(app: Flask, operation: Operation) -> list[str]:
    """The statements of one operation that was done before, in order."""
    deed = operation.start(InProcess(app, operation.login))
    deed()
    seen: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany):
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return seen


def count(app: Flask, operation: Operation) -> int:
    return len(statements(app, operation))
