"""What the doors of the API are tried with: a token for everybody, and a body for each deed."""

from tests.makers import make_token
from tests.servicedesk.web import item_doors
from tests.servicedesk.web.doors import DESK


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

    def open(self, who: str, address: str, method: str, body: dict[str, object] | bytes):
        sent = {"json": body} if method != "GET" else {}
        if isinstance(body, bytes):  # a file is all that is sent; the class is in the address
            sent = {"data": body, "content_type": "text/csv", "query_string": {"class": "server"}}
        return self.app.test_client().open(
            address, method=method, headers=self.headers(who), buffered=True, **sent
        )


def body(endpoint: str, world, who: str = "nobody") -> dict[str, object]:
    """What makes that the deed of an operation is done."""
    ticket = {
        "kind": "incident", "title": "Nog een melding", "description": "Hij doet niets",
        "category": "network", "impact": "team", "urgency": "high", "items": [],
    }  # fmt: skip
    if who in DESK:
        ticket["requester"] = world.login
    return {
        "api.assign_ticket": {"team": "Werkplek"},
        "api.cancel_ticket": {"reason": "Zomaar"},
        "api.file_ticket": ticket,
        "api.let_ticket_wait": {"waitingFor": "supplier"},
        "api.reopen_ticket": {"reason": "Zomaar"},
        "api.reply_to_ticket": {"body": "Dit is een bericht."},
        "api.resolve_ticket": {"solution": "Klaar."},
        **item_doors.bodies(world),
    }.get(endpoint, {})
