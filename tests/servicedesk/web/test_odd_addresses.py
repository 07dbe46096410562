"""What nobody would type: odd addresses and questions, at every door, are never a failure of ours."""

import re
import urllib.parse

import pytest

from tests.servicedesk.web.test_routes import routes, world

__all__ = ["routes", "world"]  # fixtures

ODD = [
    "0", "-1", "1e9", "99999999999999999999", "%00", "a%00b", "%27%20OR%201=1--", "%25", "..%2f..", "%C3%A9", "%FF",
    "%F0%9F%92%A9", "x" * 3000, "{{7*7}}", "<img>", "M2611-0001%0d%0aX:y", "%20", "null", "%5B%5D",
]  # fmt: skip


ASKED = (
    "q", "view", "sort", "dir", "after", "before", "ticket", "item", "category", "status", "priority",
    "municipality", "team", "from", "to", "period", "kind", "class", "hosting", "requester", "impact",
    "urgency", "type", "next", "page",
)  # fmt: skip


@pytest.mark.parametrize("who", ["anna", "ada"])
def test_an_odd_address_is_never_a_failure_of_ours(who, routes, cast, sign_in, world):
    browser = sign_in(getattr(cast, who))
    for rule in routes[0].values():
        for odd in ODD if rule.arguments else ():
            address = re.sub(r"<[^>]+>", odd, rule.rule)
            for method in {"GET", "POST"} & rule.methods:
                answer = browser.open(address, method=method)
                assert answer.status_code < 500, f"{method} {address}"
                assert "<img>" not in answer.text and "X" not in answer.headers


@pytest.mark.parametrize("who", ["anna", "mia", "ada"])
def test_an_odd_question_is_never_a_failure_of_ours(who, routes, cast, sign_in, world):
    browser = sign_in(getattr(cast, who))
    for rule in routes[0].values():
        if rule.arguments or "GET" not in rule.methods:
            continue
        for odd in ODD:
            address = f"{rule.rule}?{'&'.join(f'{name}={odd}' for name in ASKED)}"
            answer = browser.get(address)
            assert answer.status_code < 500, f"{rule.rule} with {urllib.parse.unquote(odd)[:40]!r}"
            assert b"<img>" not in answer.data and b">49<" not in answer.data


def test_one_odd_value_among_good_ones_is_never_a_failure_of_ours(routes, cast, sign_in, world):
    browser = sign_in(cast.ada)
    for rule in routes[0].values():
        if (
            rule.arguments
            or "GET" not in rule.methods
            or not rule.endpoint.startswith(("desk", "items", "reports"))
        ):
            continue
        for name in ASKED:
            for odd in ("0", "99999999999999999999", "%F0%9F%92%A9", "null"):
                assert browser.get(f"{rule.rule}?{name}={odd}").status_code < 500, (
                    f"{rule.rule} {name}={odd}"
                )
