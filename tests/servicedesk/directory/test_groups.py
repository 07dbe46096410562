"""Walking through groups, and knowing a name in another writing."""

import pytest

from servicedesk.directory.groups import canonical, reached

pytestmark = pytest.mark.no_database

CIRCLE = {"a": ["b"], "b": ["c", "b"], "c": ["a", "d"], "d": []}


def test_a_walk_goes_through_each_once_and_ends():
    asked = []

    def neighbours(names):
        asked.extend(names)
        return [each for name in names for each in CIRCLE[name]]

    assert reached(["a"], neighbours) == {"a", "b", "c", "d"}
    assert sorted(asked) == ["a", "b", "c", "d"]
    assert reached([], neighbours) == set()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("CN=Anna,OU=Mensen,DC=x", "cn=anna, ou=mensen , dc = x"),
        (r"cn=Vries\, de,dc=x", r"cn=vries\2C de,dc=x"),
        (r"cn=Ren\c3\a9e,dc=x", "cn=Renée,dc=x"),
        (r"cn=a\\b,dc=x", r"cn=a\5Cb,dc=x"),
    ],
)
def test_one_name_in_two_writings(first, second):
    assert canonical(first) == canonical(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [(r"cn=a\,dc=y,dc=x", "cn=a,dc=y,dc=x"), ("cn=a b,dc=x", "cn=ab,dc=x"), ("cn=a", "cn=a,dc=x")],
)
def test_two_names_that_look_alike(first, second):
    assert canonical(first) != canonical(second)
