"""Every mail there is, in every language, in its built-in words and in staff's own."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from crm.mailing import delivery, rendering
from crm.mailing.kind import In
from crm.mailing.kinds import KINDS, sample_of, scope_of
from crm.mailing.models import Mail
from crm.mailing.texts import MailText
from tests.crm.mail_words import own_words_for

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "crm/templates/mails"
LANGUAGES = ["fr", "nl", "en"]
FRAME = {"own"}  # what staff's own words are put into
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]
each_mail = pytest.mark.parametrize(
    ("kind", "language"), EVERY, ids=[f"{kind.template}-{language}" for kind, language in EVERY]
)


def composed(kind, language):
    mail = Mail(key="k", to="marie@example.org", template=kind.template, language=language)
    mail.context = sample_of(kind, language)
    mail.save()
    return delivery.compose(mail)


def html_of(message):
    [alternative] = message.alternatives
    return alternative.content


def ours(said):
    """The addresses of our site in a mail, unescaped."""
    found = re.findall(rf"{re.escape(settings.SITE_URL)}/[^\s\"<]*", said)
    return {address.replace("&amp;", "&") for address in found}


def assert_complete(message, kind, language):
    html = html_of(message)
    assert message.subject.strip()
    assert "\n" not in message.subject
    for said in (message.subject, message.body, html.partition("</style>")[2]):
        assert "None" not in said
        assert not re.search(r"[{}]", said)
    assert f'<html lang="{language}">' in html
    assert f"<title>{message.subject}" in html.replace("&#x27;", "'").replace("&amp;", "&")
    assert not re.search(r"<(img|link|script|iframe)\b|url\(", html)
    assert ours(message.body) == ours(html)
    with translation.override(language):
        context = rendering.context_of(rendering.sample_mail(kind, language))
        why = rendering.fragment(kind.why, context)
    assert message.body.count(why) == 1
    if kind.link:
        assert context["link"] in ours(message.body)


@each_mail
def test_mail_is_complete_in_its_built_in_words(kind, language):
    assert_complete(composed(kind, language), kind, language)


@each_mail
def test_mail_is_complete_in_words_of_our_own(kind, language):
    subject, text = own_words_for(kind, language)
    MailText.objects.create(template=kind.template, language=language, subject=subject, text=text)

    message = composed(kind, language)

    assert_complete(message, kind, language)
    assert message.subject.startswith("Ours")
    assert "Said by ourselves." in message.body
    assert "Said by ourselves." in html_of(message)


@each_mail
def test_built_in_words_as_staff_see_them_say_the_same_mail(kind, language):
    """Saved as they are, they change no word of the text version."""
    built_in = composed(kind, language)
    Mail.objects.all().delete()
    subject, text = rendering.built_in(kind, language)
    MailText.objects.create(template=kind.template, language=language, subject=subject, text=text)

    own = composed(kind, language)

    assert own.subject == built_in.subject
    assert without_foot(own.body) == without_foot(built_in.body)


def without_foot(text):
    """The words, but for the links of this very mail, and however lines are parted."""
    return re.sub(r"(unsubscribe|not-me)/\S+", "", text).split()


def test_every_template_of_a_mail_has_its_kind_and_every_kind_its_templates():
    files = {path.stem for path in FOLDER.glob("*.html")} & {
        path.stem for path in FOLDER.glob("*.txt")
    }
    with_subject = {name for name in files if "mails/layout.html" in source(f"{name}.html")}

    assert with_subject - FRAME == {kind.template for kind in KINDS}


def source(name):
    return (FOLDER / name).read_text()


def test_every_part_that_a_kind_names_is_there():
    for kind in KINDS:
        parts = [kind.why, kind.link, *(name.fragment for name in kind.names)]
        for part in filter(None, parts):
            get_template(f"mails/{part}.txt")


def test_no_mail_and_no_name_is_listed_twice():
    templates = [kind.template for kind in KINDS]

    assert sorted(set(templates)) == sorted(templates)
    for kind in KINDS:
        keys = [name.key for name in kind.names]
        assert sorted(set(keys)) == sorted(keys)
        assert {"link", "button", "draft"}.isdisjoint(keys)


def test_samples_are_there_in_each_language():
    for kind in KINDS:
        for language in LANGUAGES:
            assert not [v for v in sample_of(kind, language).values() if isinstance(v, In)]


def test_mail_that_nobody_knows_can_be_unsubscribed_from():
    assert [scope_of("gift_thanks"), scope_of("confirm_signature"), scope_of("new")] == [
        "receipt",
        "other",
        "other",
    ]
