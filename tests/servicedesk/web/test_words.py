"""Labels inside sentences."""

import pytest

from servicedesk.web.words import midsentence

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("label", "inside"),
    [("Leverancier", "leverancier"), ("IP-adres", "IP-adres"), ("BIV: integriteit", "BIV: integriteit"), ("E-mail", "e-mail"), ("", "")],
)  # fmt: skip
def test_a_label_inside_a_sentence_keeps_its_abbreviations(label, inside):
    assert midsentence(label) == inside
