"""The code in a share link: whose it is, and that nobody makes one up."""

from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.models import Signature
from crm.campaigns.sharing import LARGEST, LETTERS, code_of, number_in, signature_of
from tests.factories import SignatureFactory

NUMBERS = st.integers(min_value=1, max_value=LARGEST)


def code(number):
    return code_of(Signature(pk=number))


@given(NUMBERS)
def test_code_tells_its_number_in_whichever_case_it_is_written(number):
    assert [number_in(code(number)), number_in(code(number).upper())] == [number, number]


def test_code_is_short_and_needs_no_escaping():
    assert len(code(10_000_000)) == 13
    assert set(code(10_000_000)) <= set(LETTERS)


def test_letters_that_are_taken_for_digits_are_read_as_these():
    found = next(code(n) for n in range(1, 500) if "0" in code(n) and "1" in code(n))

    assert number_in(found.replace("0", "O").replace("1", "l")) == number_in(found)


@given(NUMBERS, st.integers(min_value=0), st.sampled_from(LETTERS))
def test_code_with_another_letter_is_none_of_ours(number, place, letter):
    real = code(number)
    at = place % len(real)
    forged = real[:at] + letter + real[at + 1 :]

    assert number_in(forged) == (number if forged == real else None)


@given(st.text(max_size=40))
def test_rubbish_is_no_code_and_does_not_stop_anybody(text):
    assert number_in(text) is None


def test_zeros_before_a_code_do_not_make_another_one():
    assert number_in("0" + code(7)) is None


def test_proof_of_one_number_proves_no_other():
    assert number_in(code(7)[:1] + code(8)[1:]) is None


def test_number_too_large_for_the_database_is_none():
    assert number_in(code(LARGEST + 1)) is None


def test_links_from_before_the_key_was_changed_hold(settings):
    old = code(7)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    assert (number_in(old), code(7) == old) == (7, False)


def test_code_leads_to_the_signature_by_one_query(db, django_assert_num_queries):
    signature = SignatureFactory()

    with django_assert_num_queries(1):
        found = signature_of(code_of(signature))
        assert (found, found.supporter) == (signature, signature.supporter)


def test_forged_code_asks_the_database_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert signature_of("1" + "0" * 8) is None


def test_code_of_a_signature_that_is_gone_leads_nowhere(db):
    assert signature_of(code(7)) is None
