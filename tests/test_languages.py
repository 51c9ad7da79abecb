"""What is translated, completely and alike; and that readers get their own language."""

import io
import re
from pathlib import Path

import pytest
from babel.messages import mofile, pofile
from django.conf import settings

from tests.factories import CampaignTextFactory

CATALOGUES = Path(settings.LOCALE_PATHS[0])
LANGUAGES = ["fr", "nl"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")


def catalogue(language):
    file = CATALOGUES / language / "LC_MESSAGES" / "django.po"
    return pofile.read_po(io.BytesIO(file.read_bytes()), locale=language)


def entries(language):
    return [message for message in catalogue(language) if message.id]


def forms(text):
    """A text's forms: one, or one for each number there is."""
    return list(text) if isinstance(text, list | tuple) else [text]


def messages(compiled):
    found = mofile.read_mo(io.BytesIO(compiled))
    return {(m.context, *forms(m.id)): forms(m.string) for m in found if m.id}


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_a_guess(language):
    unfinished = [
        message.id
        for message in entries(language)
        if message.fuzzy or not all(forms(message.string))
    ]

    assert entries(language)
    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_keeps_every_placeholder(language):
    # A singular may write its number as a word, so a form is compared with the fullest source.
    changed = [
        (message.id, form)
        for message in entries(language)
        for source, form in zip(forms(message.id), forms(message.string), strict=True)
        if placeholders(form) != placeholders(source)
    ]

    assert changed == []


def test_catalogues_hold_the_same_sentences():
    keys = [{(message.context, str(message.id)) for message in entries(code)} for code in LANGUAGES]

    assert keys[0] == keys[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_says_what_the_source_says(language):
    file = CATALOGUES / language / "LC_MESSAGES" / "django.mo"
    fresh = io.BytesIO()
    mofile.write_mo(fresh, catalogue(language))

    said = messages(file.read_bytes())

    assert len(said) == len(entries(language))
    assert said == messages(fresh.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sign", "give"),
    [
        ("fr", "Je signe", "Continuer vers le paiement"),
        ("nl", "Teken", "Verder naar de betaling"),
        ("en", "Sign", "Continue to the payment"),
    ],
)
def test_reader_gets_the_forms_in_the_language_of_the_address(
    client, campaign, language, sign, give
):
    CampaignTextFactory(campaign=campaign)

    pages = [
        client.get(address).content.decode()
        for address in (f"/{language}/petition/{campaign.slug}/", f"/{language}/give/")
    ]

    assert [re.findall(r'<html lang="(\w+)"', page) for page in pages] == [[language]] * 2
    assert [submits(page) for page in pages] == [[sign], [give]]


def submits(page):
    """The words on the page's buttons that send its form."""
    form = page.partition("<main")[2]
    return [text.strip() for text in re.findall(r'<button[^>]*type="submit"[^>]*>([^<]+)', form)]
