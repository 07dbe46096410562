"""C: what another site can make a browser do here: nothing."""

import json
from urllib.parse import urljoin, urlsplit

from tests.servicedesk.web.doors import ACCESS, ALL
from tests.servicedesk.web.test_routes import address_of, marks, routes, world

__all__ = ["routes", "world"]  # fixtures

EVIL = [
    "//evil.example", "/\\evil.example", "\\/evil.example", "https:evil.example", "https://evil.example",
    "/\t/evil.example", "\t//evil.example", "//localhost@evil.example", "javascript:alert(1)", "/\r\nX: y",
    "https:///evil.example", "/%09/evil.example", "///evil.example", "/..//evil.example", "http:/evil.example",
]  # fmt: skip


def test_c1_c3_nothing_changes_without_the_token_of_the_page(
    world, cast, sign_in, app, routes, monkeypatch
):
    """At every door, as a form, as JSON and as plain text with the cookie of who may do it."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    before, asked = marks(), 0
    for name, rule in routes[0].items():
        if "POST" not in rule.methods:
            continue
        who = min(ACCESS[name] & ALL)
        browser = sign_in(getattr(cast, who))
        with app.test_request_context():
            address = address_of(app, rule, world.values(rule))
        form = {key: str(value) for key, value in world.form(name).items()}
        for sent in (
            {"data": form},
            {"data": form | {"csrf_token": "forged"}},
            {"data": json.dumps(form), "content_type": "application/json"},
            {"data": json.dumps(form), "content_type": "text/plain"},
            {"data": form, "headers": {"X-CSRFToken": "forged", "HX-Request": "true"}},
            {"data": form, "headers": {"X-HTTP-Method-Override": "GET"}},
        ):
            asked += 1
            refused = {401 if name.startswith("api.") else 400}
            if name == "sso.posted":
                refused.add(303)  # it comes from another site: a state guards it, and no token
            assert browser.post(address, **sent).status_code in refused, f"{name} {sent}"
    assert asked > 200 and marks() == before


def test_c4_no_door_sends_to_another_site(world, cast, sign_in, app, routes):
    """Every door gets a third of the targets, under each name that programs give them."""
    browsers = {who: sign_in(getattr(cast, who)) for who in ALL}
    for index, (name, rule) in enumerate(sorted(routes[0].items())):
        if name == "signin.signout":
            continue
        with app.test_request_context():
            address = address_of(app, rule, world.values(rule))
        method = "POST" if "POST" in rule.methods else "GET"
        for target in EVIL[index % 3 :: 3]:
            asked = dict.fromkeys(("next", "back", "url", "return"), target)
            answer = browsers[min(ACCESS[name] & ALL)].open(
                address, method=method, query_string=asked, headers={"Referer": "https://evil.example"},
                data=world.form(name) | asked if method == "POST" else None, buffered=True,
            )  # fmt: skip
            location = answer.headers.get("Location", "/")
            assert not location.startswith(("//", "/\\")) and "X" not in answer.headers, name
            assert urlsplit(urljoin("http://localhost/", location))[:2] == ("http", "localhost"), name
