"""The way to a directory: encrypted and verified, or not at all; and never for long."""

import time

import pytest

from servicedesk.directory import connection, protocol
from servicedesk.directory.connection import Clock, Failure, Step
from servicedesk.directory.models import Security
from tests.servicedesk.directory.conftest import make_directory, started

BOTH = pytest.mark.parametrize("security", list(Security))


def step_of(directory, seconds=connection.WALL_CLOCK) -> Step | None:
    """Where the way to a search ends; None: it does not."""
    try:
        with connection.opened_to_search(directory, Clock(seconds)) as line:
            line.search(directory.base, "(uid=jdevries)", ["cn"])
    except Failure as failure:
        return failure.step
    return None


@BOTH
def test_the_directory_is_searched_by_both_kinds_of_tls(slapd, cast, security):
    assert step_of(make_directory(slapd, cast.oosterveen, security=security)) is None


@pytest.mark.parametrize("shape", ["wrongname", "expired", "selfsigned"])
def test_a_certificate_that_is_not_right_is_refused_before_any_password(cast, shape):
    server = started("--users", 45, "--cert", shape)
    homes = (cast.oosterveen, cast.lindhoven)
    try:
        for index, (security, home) in enumerate(zip(Security, homes, strict=True)):
            domain = f"{index}.example"
            directory = make_directory(server, home, security=security, domain=domain)
            assert step_of(directory) == Step.CERTIFICATE
    finally:
        server.stop()


@BOTH
def test_the_certificate_of_another_authority_is_refused(slapd, cast, security):
    for index, (ca, home) in enumerate(((slapd.other_ca, cast.oosterveen), ("", cast.lindhoven))):
        directory = make_directory(slapd, home, ca=ca, security=security, domain=f"{index}.example")
        assert step_of(directory) == Step.CERTIFICATE


def test_the_name_is_verified_and_not_only_the_authority(slapd, cast):
    directory = make_directory(slapd, cast.oosterveen, hosts=[f"127.0.0.2:{slapd.port}"])
    assert step_of(directory) in (Step.PORT, Step.CERTIFICATE)
    directory.hosts = [f"127.0.0.1:{slapd.port}"]  # this one is in the certificate
    assert step_of(directory) is None


def test_a_server_without_tls_gets_no_password(small, cast):
    """Who speaks LDAPS to the port of plain LDAP gets no TLS, and no clear text is tried instead."""
    directory = make_directory(small, cast.oosterveen, security=Security.LDAPS)
    directory.hosts = [f"localhost:{small.port}"]
    assert step_of(directory) == Step.TLS


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"hosts": ["no-such-host.invalid"]}, Step.NAME),
        ({"hosts": ["localhost:1"]}, Step.PORT),
        ({"bind_dn": "cn=nobody,dc=alfa,dc=example"}, Step.BIND),
        ({"bind_password": None}, Step.BIND),
    ],
)
def test_it_is_said_which_step_failed(slapd, cast, values, step):
    assert step_of(make_directory(slapd, cast.oosterveen, **values)) == step


def test_a_second_host_is_asked_when_the_first_is_down(slapd, cast):
    hosts = ["localhost:1", "no-such-host.invalid", f"localhost:{slapd.port}"]
    assert step_of(make_directory(slapd, cast.oosterveen, hosts=hosts)) is None


@pytest.mark.parametrize("networks", [[], ["10.0.0.0/8"]])
def test_this_machine_is_no_directory_unless_the_settings_say_so(
    slapd, cast, app, monkeypatch, networks
):
    monkeypatch.setitem(app.config, "DIRECTORY_NETWORKS", networks)
    assert step_of(make_directory(slapd, cast.oosterveen)) == Step.NAME


@BOTH
def test_a_directory_that_says_nothing_is_left_when_the_clock_has_run_out(small, cast, security):
    directory = make_directory(small, cast.oosterveen, security=security)
    with small.frozen():
        begin = time.monotonic()
        assert step_of(directory, seconds=2) in (Step.TLS, Step.BIND)
        assert time.monotonic() - begin < 4
    assert step_of(directory) is None


def test_a_search_that_is_cut_short_is_no_answer(alfa):
    with connection.opened_to_search(alfa, Clock(8)) as line:
        with pytest.raises(Failure, match="sizeLimitExceeded"):
            line.search(alfa.base, "(objectClass=user)", ["uid"])


def test_all_pages_are_read_and_references_elsewhere_are_not_followed(alfa):
    with connection.opened_to_search(alfa, Clock(8)) as line:
        found = list(line.everything(alfa.base, "(objectClass=inetOrgPerson)", ["uid"]))
    assert len(found) == 1500
    assert len({one["dn"] for one in found}) == 1500


def test_a_base_that_is_not_there_is_no_empty_directory(alfa):
    with connection.opened_to_search(alfa, Clock(8)) as line:
        with pytest.raises(Failure, match="noSuchObject"):
            list(line.everything("ou=gone,dc=alfa,dc=example", "(objectClass=*)", ["uid"]))


def test_an_empty_password_is_never_sent(alfa):
    """This server, as Active Directory, would let anybody in by it."""
    with connection.opened(alfa, Clock(8)) as line:
        assert not line.bind("cn=jdevries,ou=people,dc=alfa,dc=example", "")
        assert line.bind("cn=jdevries,ou=people,dc=alfa,dc=example", "Pw-jdevries-alfa")


@pytest.mark.parametrize("host", ["", ":636", "host:", "host:0", "host:65536", "host:x"])
def test_what_is_no_host_is_refused(host):
    if host == "host:":
        assert connection.address(host, Security.LDAPS) == ("host", 636)
        return
    with pytest.raises(ValueError):
        connection.address(host, Security.LDAPS)
    assert connection.address("[2001:db8::1]:1636", Security.LDAPS) == ("2001:db8::1", 1636)


@pytest.mark.parametrize("name", [b"member;range=0-1499", b"Member;Range=1500-*"])
def test_what_comes_in_parts_is_left_to_the_library(name):
    def part(value):
        return 0, False, 4, value

    attribute = part([part(name), part([part(b"cn=anna")])])
    message = {"protocolOp": 4, "payload": [part(b"cn=all"), part([attribute])]}
    assert protocol._decoded(lambda asked: {"usual": asked}, message) == {"usual": message}
