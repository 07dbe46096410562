"""What the doors of the API are tried with: a token for everybody, and a body for each deed."""

from tests.makers import make_token


class Programs:
    """For each of the cast a program with a token; for nobody one without."""

    def __init__(self, app, cast):
        self.app, self.cast = app, cast
        self.tokens: dict[str, str] = {}

    def headers(self, who: str) -> dict[str, str]:
        if who == "nobody":
            return {}
        if who not in self.tokens:
            self.tokens[who] = make_token(getattr(self.cast, who))
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def open(self, who: str, address: str, method: str, body: dict[str, object] | None):
        sent = body if method != "GET" else None
        return self.app.test_client().open(
            address, method=method, json=sent, headers=self.headers(who), buffered=True
        )


def body(endpoint: str, world) -> dict[str, object]:
    """What makes that the deed of an operation is done."""
    return {}


def values(endpoint: str, world) -> dict[str, object]:
    """How the records at stake are named in the address of an operation, where pages do it otherwise."""
    return {}
