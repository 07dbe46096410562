"""What is sealed in the database, and what becomes of it when keys change."""

import stat

import pytest
from cryptography.fernet import Fernet

from cmdb.database import db
from servicedesk import secrets
from servicedesk.directory.models import Directory, Kind, Security
from servicedesk.secrets import Secret, Unreadable
from tests.makers import NOW


@pytest.fixture
def instance(app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path / "new")
    return tmp_path / "new"


@pytest.fixture
def directory(cast, instance):
    made = Directory(
        municipality_id=cast.oosterveen.id, domain="oosterveen.example", hosts=["dc1"], base="dc=x",
        kind=Kind.OPENLDAP, security=Security.LDAPS, bind_dn="cn=x", next_sync_at=NOW,
        bind_password=Secret.of("geheim-woord"),
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def test_only_sealed_text_is_kept_and_no_log_shows_it(directory):
    secret = directory.bind_password
    assert "geheim-woord" not in secret.sealed + repr(secret) + str(secret) + f"{vars(directory)}"
    db.session.expire_all()
    assert directory.bind_password.reveal() == "geheim-woord"
    assert Secret.of("geheim-woord").sealed != secret.sealed


def test_the_file_of_keys_is_made_once_for_its_user_alone(instance):
    secret = Secret.of("x")
    path = instance / secrets.FILE
    before = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and [path] == list(instance.iterdir())
    assert secret.reveal() == "x" and path.read_text() == before


def test_a_new_key_opens_the_old_and_seals_all_anew(directory, instance):
    old = directory.bind_password
    secrets.add_key()
    assert old.reveal() == "geheim-woord"
    assert secrets.reseal() == 1
    db.session.expire_all()
    assert directory.bind_password.sealed != old.sealed
    secrets.add_key()  # the first key is forgotten now
    assert directory.bind_password.reveal() == "geheim-woord"
    with pytest.raises(Unreadable):
        old.reveal()


def test_keys_of_the_environment_come_before_the_file(directory, app, monkeypatch, instance):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", keys[:1])
    with pytest.raises(Unreadable):
        directory.bind_password.reveal()
    with pytest.raises(Unreadable):
        secrets.reseal()
    first = Secret.of("y")
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", keys[::-1])
    assert first.reveal() == "y"
    renewed = first.renewed()
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", keys[1:])
    assert renewed.reveal() == "y"
