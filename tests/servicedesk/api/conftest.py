"""A program that calls the API for somebody; whatever it is answered must be as declared."""

import json

import pytest
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException

from servicedesk.api import schemas
from servicedesk.api.description import PROBLEM
from servicedesk.api.door import OPERATIONS, VERSION
from tests.makers import make_token

_PROBLEM = schemas.validator(PROBLEM)


class Program:
    """Calls the API with a token, or with none."""

    def __init__(self, app, secret: str | None):
        self.app, self.client = app, app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path, **kwargs):
        return self.open("GET", path, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.send("POST", path, body, **kwargs)

    def send(self, method, path, body=None, **kwargs):
        if body is not None:
            kwargs |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.open(method, path, **kwargs)

    def open(self, method, path, headers=(), **kwargs):
        path = path if path.startswith(("/api", "http")) else f"/api/v1{path}"
        headers = self.headers | dict(headers)
        answer = self.client.open(path, method=method, headers=headers, buffered=True, **kwargs)
        self.check(answer)
        return answer

    def check(self, answer):
        """Every answer is as the description tells."""
        assert answer.headers["API-Version"] == VERSION
        assert answer.headers["Cache-Control"] == "no-store" and not answer.headers.getlist("Set-Cookie")
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"
            _PROBLEM.validate(answer.json)
            assert answer.json["status"] == answer.status_code
        elif answer.mimetype == "application/json":
            schema = OPERATIONS[self.operation(answer)].answer
            Draft202012Validator(schema, format_checker=schemas.formats()).validate(answer.json)

    def operation(self, answer) -> str:
        request = answer.request
        urls = self.app.url_map.bind("localhost")
        try:
            return urls.match(request.path, method=request.method)[0].partition(".")[2]
        except HTTPException as error:
            raise AssertionError(f"{request.path} answered outside the API") from error


@pytest.fixture
def program(app, session):
    """`program(anna)` acts for her, and `program(None)` for nobody."""

    def made(person, may_write=True):
        return Program(app, person and make_token(person, may_write))

    return made
