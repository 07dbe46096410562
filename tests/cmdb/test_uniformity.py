"""Who does it like the others, and who does not."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cmdb.uniformity import compare, overall


def test_five_of_six_have_the_same_website_product():
    names = ("Duinwijk", "Lindhoven", "Maasbrugge", "Oosterveen", "Veenakker")
    found = {name: {"Pleinweb": 1} for name in names} | {"Rietwold": {"Dorpsplein": 1}}
    answer = compare(found)
    assert (answer.usual, answer.score, answer.percent) == ("Pleinweb", Fraction(5, 6), 83)
    assert answer.outliers == {"Rietwold": {"Dorpsplein": 1}}


def test_a_large_municipality_counts_no_more_than_a_small_one():
    answer = compare(
        {"Oosterveen": {"Zegwaard": 500}, "Lindhoven": {"Lantaarn": 2}, "Duinwijk": {"Zegwaard": 1}}
    )
    assert answer.score == Fraction(2, 3)


def test_who_has_both_is_half_an_outlier():
    answer = compare({"Oosterveen": {"Heliant": 3}, "Duinwijk": {"Heliant": 1, "Schakelaar": 1}})
    assert answer.score == Fraction(3, 4)
    assert answer.outliers == {"Duinwijk": {"Schakelaar": 1}}


def test_one_municipality_is_not_compared():
    assert compare({"Oosterveen": {"Heliant": 3}}) is None
    assert compare({"Oosterveen": {"Heliant": 3}, "Lindhoven": {}}) is None
    assert compare({}) is None


def test_a_tie_goes_by_the_alphabet():
    assert compare({"Oosterveen": {"B": 1}, "Lindhoven": {"A": 1}}).usual == "A"


def test_almost_all_is_not_all():
    found = {number: {"A": 1000} for number in range(6)} | {6: {"A": 999, "B": 1}}
    assert compare(found).percent == 99


def test_the_overall_score_is_the_mean():
    alike, apart = compare({1: {"A": 1}, 2: {"A": 9}}), compare({1: {"A": 1}, 2: {"B": 1}})
    assert overall([alike, apart]) == 75
    assert overall([]) is None


_COUNTS = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 9), max_size=4)


@given(st.dictionaries(st.integers(0, 9), _COUNTS, max_size=6))
def test_a_score_is_a_share_and_whole_only_without_outliers(found):
    answer = compare(found)
    if answer:
        assert 0 < answer.score <= 1
        assert (answer.score == 1) == (not answer.outliers)
