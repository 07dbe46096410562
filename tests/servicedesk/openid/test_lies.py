"""What a provider, or somebody between, may say that must let nobody in."""

import base64
import json
import time

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.openid import discovery, http, tokens
from servicedesk.openid.models import OpenIdAccount, OpenIdProvider
from servicedesk.secrets import Secret
from tests.openid.liar import rsa_key
from tests.servicedesk.openid.conftest import KEY, come_back, make_provider

EVERYBODY = {"groups": {}}
DOCUMENT, KEYS, TOKEN, USER = "/.well-known/openid-configuration", "/keys", "/token", "/me"


@pytest.fixture
def provider(liar, cast):
    return make_provider(liar.issuer, cast.oosterveen, **EVERYBODY)


def come(client, liar, **claims):
    """Sign in, with these claims in the token; the nonce is right unless it is among them."""
    asked, back = come_back(client)
    liar.claims = {"nonce": asked["nonce"]} | claims
    return back()


def is_out(client, answer, said, status=422) -> bool:
    assert answer.status_code == status and said in answer.text, (answer.status_code, answer.text)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OpenIdAccount)) == 0
    return client.get("/account/sessions").status_code == 302


def test_the_truth_lets_in(client, liar, provider):
    answer = come(client, liar)
    assert answer.location == "/my/tickets"
    assert liar.posted["code_verifier"] and liar.posted["redirect_uri"].endswith(f"/{KEY}/return")


SOON, LONG_AGO = int(time.time()) + 3600, int(time.time()) - 3600


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"nonce": 5}, {"aud": "another"}, {"aud": None}, {"aud": []},
        {"aud": ["desk", "another"]}, {"aud": ["desk", "another"], "azp": "another"}, {"azp": "another"},
        {"iss": "https://evil.example"}, {"iss": None}, {"exp": LONG_AGO}, {"exp": None}, {"exp": "soon"},
        {"iat": SOON, "exp": SOON + 60}, {"iat": None}, {"nbf": SOON}, {"sub": None}, {"sub": ""},
        {"sub": 7}, {"sub": "x" * 256}, {"sub": "a\nb"}, {"at_hash": "of another token"},
    ],
)  # fmt: skip
def test_a_claim_that_is_not_right(client, liar, provider, claims):
    assert is_out(client, come(client, liar, **claims), "klopt niet")


def test_several_audiences_with_us_as_the_party_are_right(client, liar, provider):
    assert come(client, liar, aud=["desk", "another"], azp="desk").status_code == 302


@pytest.mark.parametrize(
    ("header", "signer"),
    [
        ({"alg": "none"}, lambda liar: liar.key),
        ({"alg": "HS256"}, lambda liar: liar.key),
        ({}, lambda liar: liar.other_key),
        ({"kid": "unknown"}, lambda liar: liar.key),
        ({"kid": "unknown", "jwk": "theirs"}, lambda liar: liar.other_key),
        ({"jku": "https://evil.example/keys"}, lambda liar: liar.other_key),
        ({"crit": ["x"], "x": 1}, lambda liar: liar.key),
    ],
    ids=["none", "hs256-with-the-public-key", "another-key", "unknown-kid", "jwk", "jku", "crit"],
)
def test_a_signature_that_is_not_right(client, liar, provider, header, signer):
    if "jwk" in header:
        header = header | {"jwk": liar.other_key.as_dict(private=False)}
    asked, back = come_back(client)
    liar.header, liar.signer = header, signer(liar)
    liar.claims = {"nonce": asked["nonce"]}
    assert is_out(client, back(), "klopt niet")


def test_a_new_key_is_asked_for_when_it_is_used(client, liar, provider):
    assert come(client, liar).status_code == 302
    liar.key = liar.signer = rsa_key("second")
    liar.published, liar.header = [liar.key], {"kid": "second"}
    liar.asked.clear()
    assert come(client, liar).status_code == 302
    assert liar.asked.count(KEYS) == 1 and DOCUMENT not in liar.asked


@pytest.mark.parametrize(
    "keys",
    [
        b'{"keys": []}', b'{"keys": 5}', b"[]", b"no json", b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}',
        b'{"keys": [{"kty": "RSA"}]}', b'{"keys": ["x"]}', b"[" * 5000,
    ],
)  # fmt: skip
def test_keys_that_are_none(client, liar, provider, keys):
    liar.lies[KEYS] = (200, {}, keys)
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


def test_a_key_that_is_too_short_is_not_taken(client, liar, provider):
    short = liar.key.as_dict(private=False) | {"n": "x" * 171}
    liar.lies[KEYS] = (200, {}, json.dumps({"keys": [short]}).encode())
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"}, {"token_endpoint": "gopher://localhost/"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"userinfo_endpoint": "http://user@localhost/"},
        {"end_session_endpoint": 5}, {"jwks_uri": "http://10.0.0.1/keys"},
    ],
    ids=str,
)  # fmt: skip
def test_a_document_that_is_not_right(client, liar, provider, document):
    liar.document = document
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


@pytest.mark.parametrize("path", [DOCUMENT, KEYS])
@pytest.mark.parametrize(
    "lie",
    [
        (302, {"Location": "http://127.0.0.1:1/"}, b""), (500, {}, b"{}"), (200, {}, b"x" * (http.LARGEST + 1)),
        (200, {"Content-Length": "5"}, b"x"), (404, {}, b"{}"), (200, {}, b"\xff"),
    ],
    ids=["redirect", "500", "huge", "half", "404", "no text"],
)  # fmt: skip
def test_s3_s5_an_answer_that_is_none(client, liar, provider, path, lie):
    liar.lies[path] = lie
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


@pytest.mark.parametrize(
    "lie",
    [
        (302, {"Location": "http://127.0.0.1:1/"}, b""), (500, {}, b"{}"), (400, {}, b'{"error": "invalid_grant"}'),
        (200, {}, b"[]"), (200, {}, b'{"error": 5}'), (200, {}, b"x" * (http.LARGEST + 1)), (429, {}, b"busy"),
    ],
    ids=["redirect", "500", "error", "list", "odd error", "huge", "busy"],
)  # fmt: skip
def test_an_answer_to_the_code_that_is_none(client, liar, provider, lie):
    _asked, back = come_back(client)
    liar.lies[TOKEN] = lie
    assert is_out(client, back(), "antwoordt nu niet", 503)


@pytest.mark.parametrize("body", [b"{}", b'{"id_token": 5}', b'{"id_token": "a.b"}', b'{"id_token": "\xc3\xa9"}'])
def test_an_answer_without_a_token(client, liar, provider, body):
    _asked, back = come_back(client)
    liar.lies[TOKEN] = (200, {}, body)
    assert is_out(client, back(), "klopt niet")


def test_l9_an_answer_that_drips_ends_by_the_clock(client, liar, provider, monkeypatch):
    monkeypatch.setattr("servicedesk.openid.flow.WALL_CLOCK", 2)
    liar.drip = 0.1
    begin = time.monotonic()
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)
    assert time.monotonic() - begin < 4
    begin = time.monotonic()
    client.get(f"/signin/openid/{KEY}")
    assert time.monotonic() - begin < 1, "who comes right after does not wait as long again"


def test_a_provider_that_is_gone_is_said(client, liar, provider):
    liar.stop()
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


def test_the_answer_of_another_provider_is_not_taken(client, liar, provider):
    for sender in ("https://evil.example", ""):
        asked, back = come_back(client, iss=sender)
        liar.claims = {"nonce": asked["nonce"]}
        assert is_out(client, back(), "klopt niet")
    assert TOKEN not in liar.asked, "the code went to the wrong one"


def test_a_provider_that_names_itself_always_must(client, liar, provider):
    liar.document = {"authorization_response_iss_parameter_supported": True}
    assert is_out(client, come(client, liar), "klopt niet")


def test_the_attempt_at_one_provider_is_none_at_another(client, liar, provider, cast):
    make_provider(liar.issuer, cast.lindhoven, id=KEY + 1, domain="lindhoven.nl", **EVERYBODY)
    asked, _back = come_back(client)
    liar.claims = {"nonce": asked["nonce"]}
    given = {"code": "1", "state": asked["state"]}
    answer = client.get(f"/signin/openid/{KEY + 1}/return", query_string=given)
    assert is_out(client, answer, "verlopen")


@pytest.mark.parametrize(
    ("answer", "said", "status"),
    [
        ({"error": "access_denied"}, "afgebroken", 422),
        ({"error": "access_denied", "error_description": "AADSTS50105: not assigned"}, "geen toegang", 422),
        ({"error": "invalid_request", "error_description": "<b>x"}, "gaf een fout", 422),
        ({"error": "temporarily_unavailable"}, "antwoordt nu niet", 503),
        ({"code": ""}, "gaf een fout", 422),
        ({"state": "another"}, "verlopen", 422),
        ({"state": "é"}, "verlopen", 422),
    ],
    ids=str,
)  # fmt: skip
def test_what_the_provider_refuses_is_told_in_a_sentence(client, liar, provider, answer, said, status):
    _asked, back = come_back(client, **answer)
    got = back()
    assert is_out(client, got, said, status) and "<b>x" not in got.text
    assert TOKEN not in liar.asked


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"preferred_username": None}, "te weinig gegevens"),
        ({"preferred_username": "anna bakker"}, "te weinig gegevens"),
        ({"preferred_username": ["x"]}, "te weinig gegevens"),
    ],
)
def test_a_claim_that_is_needed_is_missed(client, liar, provider, claims, said):
    assert is_out(client, come(client, liar, **claims), said)


def test_the_user_info_tells_what_the_token_does_not(client, liar, provider):
    liar.user_info = {"name": "Anna van Dam", "nonce": "x", "iss": "x"}
    assert come(client, liar, name=None).status_code == 302
    account = db.session.scalars(sa.select(OpenIdAccount)).one()
    assert account.person.name == "Anna van Dam"


@pytest.mark.parametrize("told", [{"sub": "two"}, {"sub": None}])
def test_user_info_of_somebody_else_is_not_taken(client, liar, provider, told):
    liar.user_info = told
    assert is_out(client, come(client, liar, name=None), "klopt niet")


def test_groups_that_do_not_fit_are_said_and_let_nobody_in(client, liar, provider):
    provider.groups = {"employee": ["sd-users"]}
    db.session.commit()
    liar.user_info = {}
    answer = come(client, liar, _claim_names={"groups": "src1"})
    assert is_out(client, answer, "in zo veel groepen")


@pytest.mark.parametrize("groups", ["sd-users", ["x", "sd-users", 5, None]])
def test_one_group_may_come_as_text(client, liar, provider, groups):
    provider.groups = {"employee": ["sd-users"]}
    db.session.commit()
    assert come(client, liar, groups=groups).status_code == 302


@pytest.mark.parametrize("groups", ["SD-USERS", ["sd-users "], {"sd-users": 1}, 5, None, []])
def test_what_only_resembles_a_group_is_none(client, liar, provider, groups):
    provider.groups = {"employee": ["sd-users"]}
    db.session.commit()
    assert is_out(client, come(client, liar, groups=groups), "niet in een groep")


def test_a_name_with_markup_is_text(client, liar, provider):
    come(client, liar, name="<script>x</script>\u202e\n")
    page = client.get("/my/tickets").text
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_secrets_go_to_the_provider_in_the_way_that_it_says(client, liar, provider):
    come(client, liar)
    assert liar.posted["authorization"].startswith("Basic ") and "client_secret" not in liar.posted
    sent = base64.b64decode(liar.posted["authorization"].removeprefix("Basic ")).decode()
    assert sent == "desk:geheim+%2B%2F%25%3A"
    discovery.forget()
    liar.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    come(client, liar)
    assert liar.posted["client_secret"] == "geheim +/%:" and not liar.posted["authorization"]


def test_a_secret_that_was_sealed_with_a_lost_key_is_no_failure_of_ours(client, liar, provider):
    provider.client_secret = Secret("nonsense")
    db.session.commit()
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


@pytest.mark.parametrize(
    ("issuer", "loopback"),
    [
        ("http://localhost:1", False), ("https://localhost:1", False), ("https://127.0.0.1", False),
        ("https://[::1]", False), ("https://[::ffff:127.0.0.1]", False), ("https://169.254.169.254", True),
        ("https://0.0.0.0", False), ("https://2130706433", False), ("https://0177.0.0.1", False),
        ("http://192.0.2.1", True), ("ftp://localhost", True), ("https://no-such-host.invalid", True),
    ],
)  # fmt: skip
def test_s1_s2_s4_an_address_that_is_not_for_a_provider(client, cast, app, monkeypatch, issuer, loopback):
    monkeypatch.setitem(app.config, "OPENID_LOOPBACK", loopback)
    make_provider(issuer, cast.oosterveen)
    assert is_out(client, client.get(f"/signin/openid/{KEY}"), "antwoordt nu niet", 503)


# What says that somebody signed out there.


@pytest.fixture
def inside(client, liar, provider):
    come(client, liar, sid="s1")
    return client


def told(app, text):
    return app.test_client().post(f"/signin/openid/{KEY}/logout", data={"logout_token": text})


def is_in(client) -> bool:
    return client.get("/account/sessions").status_code == 200


@pytest.mark.parametrize("claims", [{}, {"sub": None, "sid": "s1"}, {"sid": "s1"}], ids=str)
def test_a_logout_token_ends_the_session(app, inside, liar, claims):
    assert told(app, liar.logout_token(**claims)).status_code == 200
    assert not is_in(inside)


@pytest.mark.parametrize("claims", [{"sub": "two"}, {"sid": "s2"}, {"sub": None, "sid": "s2"}], ids=str)
def test_a_logout_token_of_another_ends_nothing_here(app, inside, liar, claims):
    assert told(app, liar.logout_token(**claims)).status_code == 200
    assert is_in(inside)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "x"}, {"events": None}, {"events": {}}, {"events": {"x": {}}}, {"jti": None}, {"jti": 5},
        {"sub": None}, {"aud": "another"}, {"iss": "https://evil.example"}, {"iat": None},
        {"iat": LONG_AGO, "exp": None}, {"exp": LONG_AGO}, {"iat": SOON, "exp": SOON + 9},
    ],
)  # fmt: skip
def test_a_logout_token_that_is_not_right_ends_nothing(app, inside, liar, claims):
    assert told(app, liar.logout_token(**claims)).status_code == 400
    assert is_in(inside)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\u00e9", "x" * 200_000])
def test_what_is_no_logout_token_ends_nothing(app, inside, text):
    assert told(app, text).status_code == 400
    assert is_in(inside)


def test_a_logout_token_with_another_signature_ends_nothing(app, inside, liar):
    for header, signer in (({}, liar.other_key), ({"alg": "none"}, liar.key)):
        liar.header, liar.signer = header, signer
        assert told(app, liar.logout_token()).status_code == 400
    assert is_in(inside)


def test_an_id_token_is_no_logout_token(app, inside, liar):
    assert told(app, liar.id_token(events={"http://x": {}})).status_code == 400
    assert is_in(inside)


def test_strangers_do_not_make_us_ask_for_keys(app, inside, liar):
    liar.asked.clear()
    liar.header = {"kid": "unknown"}
    for _time in range(3):
        assert told(app, liar.logout_token()).status_code == 400
    assert KEYS not in liar.asked
    assert tokens._KEYS_AGE >= 60


def test_the_provider_of_another_municipality_ends_nothing_here(app, inside, liar, cast):
    make_provider(liar.issuer, cast.lindhoven, id=KEY + 1, domain="lindhoven.nl")
    address = f"/signin/openid/{KEY + 1}/logout"
    answer = app.test_client().post(address, data={"logout_token": liar.logout_token()})
    assert answer.status_code == 200 and is_in(inside)


def test_only_what_is_needed_is_in_the_table(liar, inside):
    assert db.session.scalar(sa.select(OpenIdProvider.client_secret)).reveal() == "geheim +/%:"
