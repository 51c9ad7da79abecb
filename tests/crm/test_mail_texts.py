"""Words of our own in place of a mail's built-in ones: what may be written, and what it becomes."""

import pytest
from django.utils import translation

from crm.audit import AuditEntry
from crm.mailing import editing, notation, outbox, rendering
from crm.mailing.editing import WordsRefused
from crm.mailing.kinds import BY_TEMPLATE
from crm.mailing.models import Mail
from crm.mailing.texts import MailText
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db
CONFIRM, ERASED = BY_TEMPLATE["confirm_signature"], BY_TEMPLATE["erased"]
GOOD = "{greeting}\n\nPlease confirm “{title}”:\n\n{button: Yes, count me}"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://give.example.org"
    with translation.override("en"):
        yield


def write(now, kind=CONFIRM, language="en", subject="Confirm {title}", text=GOOD, by=None):
    return editing.write_words(
        kind=kind, language=language, subject=subject, text=text, at=now, by=by
    )


def queue(now, key="k", language="en", **context):
    outbox.queue(
        "confirm_signature",
        key=key,
        to=SupporterFactory(given_name="Pia"),
        language=language,
        at=now,
        context={"title": "Stop", "slug": "stop", "token": "t0k3n", **context},
    )


def sent(mailoutbox):
    run_jobs()
    [mail] = mailoutbox
    [html] = mail.alternatives
    return mail, html.content


@pytest.mark.parametrize(
    ("kind", "subject", "problems"),
    [
        (CONFIRM, "Confirm {title}", []),
        (
            CONFIRM,
            "Confirm {titel}",
            ["This mail knows no {titel}; it knows: {title}."],
        ),
        (CONFIRM, "{link}", ["A subject holds no link."]),
        (CONFIRM, "{button: Go}", ["A subject holds no link."]),
        (CONFIRM, "{greeting}", ["{greeting} is too long for a subject."]),
        (ERASED, "{name}", ["This mail knows no {name}."]),
        (
            CONFIRM,
            "Confirm {title",
            ["A brace is open or closed alone near “Confirm {title”: names stand between { and }."],
        ),
    ],
)
def test_subject_is_refused_for_what_it_cannot_say(kind, subject, problems):
    assert notation.problems_of_subject(subject, kind) == problems


@pytest.mark.parametrize(
    ("kind", "text", "problems"),
    [
        (CONFIRM, GOOD, []),
        (CONFIRM, "Go to { link }.", []),
        (CONFIRM, "{ button :Go }", []),
        (
            CONFIRM,
            "Hello",
            ["The link is missing, without which this mail is of no use: {button: Confirm}."],
        ),
        (
            CONFIRM,
            "{link} {name} {name}",
            ["This mail knows no {name}; it knows: {greeting}, {title}, {words}, {link}."],
        ),
        (
            CONFIRM,
            "Now {button: Go}",
            ["A button stands on a line of its own: {button: what stands on it}."],
        ),
        (CONFIRM, "{button:}", ["A button says something: {button: what stands on it}."]),
        (
            CONFIRM,
            "{button}",
            ["A button stands on a line of its own: {button: what stands on it}."],
        ),
        (ERASED, "{button: Go}", ["This mail has no link, so it can have no button."]),
        (
            BY_TEMPLATE["tax_certificate"],
            "{greeting}",
            [
                "{what} is missing: What the certificate says and how it is used, "
                "or that it is void."
            ],
        ),
        (
            CONFIRM,
            "{link} is {{title}}",
            [
                "A brace is open or closed alone near “{link} is {{title}}”: "
                "names stand between { and }."
            ],
        ),
    ],
)
def test_text_is_refused_for_what_it_cannot_say_or_leaves_out(kind, text, problems):
    assert notation.problems_of_text(text, kind) == problems


def test_wrong_words_are_not_kept_and_each_problem_has_its_field(now):
    with pytest.raises(WordsRefused) as refused:
        write(now, subject="{nobody}", text="{link")

    assert {field: len(told) for field, told in refused.value.problems.items()} == {
        "subject": 1,
        "text": 2,
    }
    assert not MailText.objects.exists()


def test_mail_queued_before_says_what_was_written_since(now, mailoutbox):
    queue(now)
    write(now)

    mail, html = sent(mailoutbox)

    assert mail.subject == "Confirm Stop"
    link = "https://give.example.org/en/confirm/t0k3n/"
    assert mail.body.startswith(f"Hello Pia,\n\nPlease confirm “Stop”:\n\n{link}\n\nYou get this")
    assert f'<a href="{link}"' in html
    assert ">Yes, count me</a>" in html


def test_words_of_one_language_leave_the_others(now, mailoutbox):
    write(now, language="nl")
    queue(now, language="fr")

    mail, _html = sent(mailoutbox)

    assert mail.subject == "Merci de confirmer\u00a0: Stop"


def test_what_others_wrote_is_escaped_and_is_no_link_of_ours(now, mailoutbox):
    write(now, text="{greeting} {title}\nhttps://ours.example/a?b=1&c=2.\n{link} <i>")
    queue(now, title="<b>https://ads.example/x</b>")

    mail, html = sent(mailoutbox)

    assert "<b>https://ads.example/x</b>" in mail.body
    assert "&lt;b&gt;https://ads.example/x&lt;/b&gt;<br>" in html
    assert "&lt;i&gt;" in html
    assert 'href="https://ads' not in html
    assert 'href="https://ours.example/a?b=1&amp;c=2" ' in html
    assert 'href="https://give.example.org/en/confirm/t0k3n/" ' in html


def test_paragraph_in_which_nothing_is_said_is_left_out(now):
    kind = BY_TEMPLATE["task_assigned"]
    own = rendering.Words("S", "One\n\n{due}\n\n{link}")
    mail = rendering.sample_mail(kind, "en")
    mail.context["due_on"] = ""

    said = rendering.in_own_words(mail, own, rendering.context_of(mail))

    assert said.text.startswith("One\n\nhttps://give.example.org/staff/\n")
    assert said.html.count("<p ") == rendering.preview(kind, "en", own).html.count("<p ") - 1


def test_line_break_in_a_value_breaks_no_subject(now, mailoutbox):
    write(now)
    queue(now, title="Stop\nBcc: all@example.org")

    mail, _html = sent(mailoutbox)

    assert mail.subject == "Confirm Stop Bcc: all@example.org"


@pytest.mark.parametrize("text", ["{link} {gone}", "No link", "{link", "{link}{"])
def test_words_that_no_longer_fit_give_way_to_the_built_in_ones(now, mailoutbox, caplog, text):
    MailText.objects.create(template="confirm_signature", language="en", subject="Ours", text=text)
    queue(now)

    mail, _html = sent(mailoutbox)

    assert mail.subject == "Please confirm: Stop"
    assert caplog.messages == ["own words of confirm_signature: CannotBeSaid"]


def test_back_to_the_built_in_words(now, staff, mailoutbox):
    user = staff()
    row = write(now, by=user)

    assert editing.restore(kind=CONFIRM, language="en", at=now, by=user)
    assert not editing.restore(kind=CONFIRM, language="en", at=now, by=user)

    queue(now)
    assert sent(mailoutbox)[0].subject == "Please confirm: Stop"
    trail = AuditEntry.objects.order_by("pk").values_list("action", "subject", "by", "details")
    said = {"template": "confirm_signature", "language": "en"}
    assert list(trail) == [
        (
            "mailtext.changed",
            f"mailtext:{row.pk}",
            user.pk,
            {**said, "fields": ["subject", "text"]},
        ),
        ("mailtext.restored", f"mailtext:{row.pk}", user.pk, said),
    ]


def test_writing_what_stands_there_writes_nothing(now):
    subject, text = rendering.built_in(CONFIRM, "en")

    write(now, subject=subject, text=text)
    assert not MailText.objects.exists()

    write(now)
    write(now)
    assert AuditEntry.objects.count() == 1


def test_test_mail_says_the_words_that_are_not_saved_to_who_wrote_them(now, mailoutbox):
    words = rendering.Words("Try {title}", "{greeting}\n\n{button: Go}")
    write(now)

    editing.send_test(kind=CONFIRM, language="fr", words=words, to="rita@example.org", at=now)
    mail, _html = sent(mailoutbox)

    assert (mail.to, mail.subject) == (["rita@example.org"], "Try Des vacances sans exploitation")
    assert mail.body.startswith("Bonjour Marie,\n\nhttps://give.example.org/fr/confirm/")
    assert Mail.objects.get().supporter is None


def test_test_mail_in_wrong_words_is_not_queued(now):
    words = rendering.Words("S", "No link")

    with pytest.raises(WordsRefused):
        editing.send_test(kind=CONFIRM, language="fr", words=words, to="r@example.org", at=now)

    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_leave_one_text(now):
    at_once(lambda number: write(now, subject=f"Confirm {number}"), range(4))

    assert MailText.objects.count() == 1
