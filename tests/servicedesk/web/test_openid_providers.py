"""A provider of single sign-on made, tested and changed in the browser; its secret shown to nobody."""

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from cmdb.database import db
from servicedesk.openid.models import OpenIdProvider
from tests.makers import NOW
from tests.servicedesk.openid.conftest import liar, make_provider, on_this_machine

__all__ = ["liar", "on_this_machine"]


@pytest.fixture
def ada(sign_in, cast):
    return sign_in(cast.ada)


def filled(home, **values) -> dict[str, object]:
    return {
        "municipality": home and home.id or 0, "domain": " Oosterveen.NL ", "kind": "keycloak",
        "issuer": "https://login.oosterveen.nl/realms/desk", "client_id": "desk", "client_secret": "geheim",
        "scopes": "openid  profile email", "key": "sub", "login": "preferred_username", "name": "name",
        "email": "email", "groups": "groups", "employees": "sd-users\n\n sd-all ", "managers": "sd-managers",
        "is_active": "y",
    } | values  # fmt: skip


def only() -> OpenIdProvider:
    db.session.expire_all()
    return db.session.scalars(sa.select(OpenIdProvider)).one()


def certificate() -> str:
    """An authority of nobody."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def test_made_with_what_is_usual_there(ada, cast):
    assert "Inlogpagina toevoegen" in ada.get("/openid").text
    page = ada.get(f"/openid/new?kind=adfs&municipality={cast.oosterveen.id}").text
    assert 'value="https://adfs.gemeente.nl/adfs"' in page and 'value="upn"' in page
    answer = ada.post("/openid/new", data=filled(cast.oosterveen))
    assert answer.status_code == 303
    made = only()
    assert answer.location == f"/openid/{made.id}"
    assert (made.domain, made.scopes) == ("oosterveen.nl", "openid profile email")
    assert made.groups == {"employee": ["sd-users", "sd-all"], "municipality-manager": ["sd-managers"]}
    page = ada.get(answer.location).text
    assert f"/signin/openid/{made.id}/return" in page and f"/signin/openid/{made.id}/logout" in page
    assert "oosterveen.nl" in ada.get("/openid").text


def test_the_centre_has_one_of_its_own_with_its_own_roles(ada, cast):
    form = filled(None, agents="sd-agents", administrators="sd-admins")
    assert ada.post("/openid/new", data=form).status_code == 303
    assert only().municipality_id is None
    assert only().groups == {"agent": ["sd-agents"], "centre-manager": [], "administrator": ["sd-admins"]}
    answer = ada.post("/openid/new", data=form | {"domain": "ander.nl"})
    assert answer.status_code == 422 and "Kies een van de mogelijkheden" in answer.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"domain": "geen domein"}, "Vul een domein in"),
        ({"issuer": "http://login.nl"}, "begint met https://"),
        ({"issuer": "https://user:pw@login.nl"}, "begint met https://"),
        ({"issuer": "file:///etc/passwd"}, "begint met https://"),
        ({"issuer": "https://login.nl:x"}, "begint met https://"),
        ({"issuer": "https://[x"}, "begint met https://"),
        ({"issuer": "https://lögin.nl"}, "begint met https://"),
        ({"issuer": "https://login.nl/?x"}, "vraagteken"),
        ({"issuer": "https://login.nl/.well-known/openid-configuration"}, "well-known"),
        ({"client_id": ""}, "Vul dit in"),
        ({"client_id": "ünïcode"}, "letters met accenten"),
        ({"client_secret": ""}, "Vul de client secret in"),
        ({"scopes": "profile"}, "Begin met openid"),
        ({"scopes": "openid é"}, "Begin met openid"),
        ({"key": "email"}, "Kies een van de mogelijkheden"),
        ({"kind": "novell"}, "Kies een van de mogelijkheden"),
        ({"login": "twee woorden"}, "Een naam van een claim"),
        ({"municipality": "999"}, "Kies een van de mogelijkheden"),
        ({"ca": "onzin"}, "Dit is geen certificaat"),
        ({"employees": "x\n" * 51}, "hoogstens vijftig groepen"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(ada, cast, app, monkeypatch, values, said):
    monkeypatch.setitem(app.config, "OPENID_LOOPBACK", False)
    answer = ada.post("/openid/new", data=filled(cast.oosterveen, directory_claim="blijft") | values)
    assert answer.status_code == 422 and said in answer.text
    assert 'value="blijft"' in answer.text and "geheim" not in answer.text
    assert db.session.scalar(sa.select(sa.func.count(OpenIdProvider.id))) == 0


def test_the_secret_is_never_shown_and_stays_when_left_empty(ada, cast):
    ada.post("/openid/new", data=filled(cast.oosterveen))
    made = only()
    assert "geheim" not in ada.get(f"/openid/{made.id}").text
    form = filled(cast.oosterveen, client_secret="", is_active="")
    assert ada.post(f"/openid/{made.id}", data=form).status_code == 303
    assert only().client_secret.reveal() == "geheim"
    ada.post(f"/openid/{made.id}", data=form | {"is_public": "y"})
    assert only().client_secret is None


@pytest.mark.parametrize(
    "values", [{"issuer": "https://evil.example"}, {"client_id": "other"}, {"ca": "new"}]
)
def test_the_kept_secret_does_not_go_to_another_server(ada, cast, values):
    ada.post("/openid/new", data=filled(cast.oosterveen))
    if "ca" in values:
        values = {"ca": certificate()}
    answer = ada.post(f"/openid/{only().id}", data=filled(cast.oosterveen, client_secret="") | values)
    assert answer.status_code == 422 and "Vul de client secret in" in answer.text


def test_a_domain_is_of_one_municipality(ada, cast):
    make_provider("https://login.nl", cast.lindhoven)
    answer = ada.post("/openid/new", data=filled(cast.oosterveen))
    assert answer.status_code == 422 and "heeft dit domein al" in answer.text


def test_switched_off_it_is_on_no_sign_in_page(ada, cast, client):
    ada.post("/openid/new", data=filled(cast.oosterveen))
    assert "Inloggen met uw gemeente" in client.get("/signin").text
    ada.post(f"/openid/{only().id}", data=filled(cast.oosterveen, client_secret="", is_active=""))
    assert not only().is_active
    assert "Inloggen met uw gemeente" not in client.get("/signin").text
    assert "Niet in gebruik" in ada.get("/openid").text


@pytest.mark.parametrize(
    ("lie", "failed", "untried"),
    [
        ({"issuer": "https://no-such-host.invalid"}, "Adres van de server opzoeken", 4),
        ({"issuer": "http://localhost:1"}, "Versleuteld verbinden", 3),
        ({"path": "/.well-known/openid-configuration"}, "Gegevens van de uitgever ophalen", 2),
        ({"document": {"issuer": "https://<b>other"}}, "Adres van de uitgever vergelijken", 1),
        ({"path": "/keys"}, "Sleutels ophalen", 0),
    ],
    ids=str,
)
def test_the_test_says_which_step_failed(ada, cast, liar, lie, failed, untried):
    liar.document = lie.get("document", {})
    if "path" in lie:
        liar.lies[lie["path"]] = (404, {}, b"")
    provider = make_provider(lie.get("issuer", liar.issuer), cast.oosterveen)
    page = ada.post(f"/openid/{provider.id}/test").text
    assert f"<strong>{failed}: mislukt</strong>" in page and "<b>other" not in page
    assert page.count("niet geprobeerd") == untried


def test_the_test_that_works_says_what_to_do_next(ada, cast, liar):
    provider = make_provider(liar.issuer, cast.oosterveen)
    page = ada.post(f"/openid/{provider.id}/test").text
    assert "De verbinding werkt" in page and "terugkeeradres" in page and "meldt het niet" in page
    liar.document = {"backchannel_logout_supported": True}
    assert "hier meteen ook uit" in ada.post(f"/openid/{provider.id}/test").text
