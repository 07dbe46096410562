"""What the register refuses is said in the language of the moment at which it is read."""

import pytest

from cmdb import refusal
from cmdb.kinds import Kind, format_of
from cmdb.refusal import Said, Unfit

pytestmark = pytest.mark.no_database

FRYSK = {
    "Vul ja of nee in.": "Folje ja of nee yn.", "%(field)s: %(problem)s": "%(field)s > %(problem)s",
    "Aan": "Oan",
}  # fmt: skip


def frisian(sentence, /, **values):
    return FRYSK[sentence] % values if values else FRYSK[sentence]


def test_a_sentence_is_dutch_by_itself(monkeypatch):
    monkeypatch.setattr(refusal, "_translate", refusal._in_dutch)
    assert str(Unfit("100 % zeker")) == "100 % zeker"
    assert str(Unfit("%(field)s: nee", field=Said("Aan"))) == "Aan: nee"


def test_a_sentence_within_a_sentence_is_translated_too(monkeypatch):
    with pytest.raises(ValueError) as raised:
        format_of(Kind.BOOLEAN).parse("misschien")
    told = Unfit("%(field)s: %(problem)s", field=Said("Aan"), problem=raised.value)
    monkeypatch.setattr(refusal, "_translate", frisian)
    assert str(told) == "Oan > Folje ja of nee yn."
