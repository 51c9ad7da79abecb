"""A box ticked at an address that nobody proved holds once the mail about it is answered."""

from datetime import date, timedelta

import pytest

from crm.lib.tokens import BadToken
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.operations import register
from crm.people.proposals import Proposal
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import (
    TooYoung,
    ask_for_consent,
    confirm_consent,
    consent_request_from,
    token_for,
)
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import Reason, suppress
from tests.factories import SupporterFactory, WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
ANNE = "anne@example.org"
MUM = "mum@example.org"


def ask(at, **how):
    box = {
        "email": ANNE,
        "purpose": "newsletter",
        "wording": None,
        "language": "en",
        "source": "newsletter page",
    }
    ask_for_consent(**(box | how), at=at)


def agreed():
    states = ConsentState.objects.may_be_mailed()
    return list(states.values_list("supporter__email", flat=True))


def mails():
    return list(Mail.objects.order_by("pk").values_list("template", "to"))


def test_nothing_holds_before_the_mail_is_answered(now, mailoutbox):
    wording = WordingFactory(text="Yes, the newsletter.")

    ask(now, email=" Anne@Example.org", wording=wording)
    run_jobs()

    request = ConsentRequest.objects.get()
    assert (request.email, request.mailed_at, request.confirmed_at) == (ANNE, now, None)
    assert (Supporter.objects.count(), Consent.objects.count()) == (0, 0)
    assert [mail.to for mail in mailoutbox] == [[ANNE]]
    assert "“Yes, the newsletter.”" in mailoutbox[0].body
    assert "/en/newsletter/confirm/" in mailoutbox[0].body


def test_answer_makes_a_supporter_who_agreed_with_the_proof(now):
    wording, later = WordingFactory(), now + timedelta(hours=3)
    ask(now, given_name="Anne", wording=wording, evidence={"page": "newsletter"})

    assert confirm_consent(request=ConsentRequest.objects.get(), at=later) is True

    consent = Consent.objects.get()
    assert (consent.supporter.email, consent.supporter.given_name) == (ANNE, "Anne")
    assert (consent.wording, consent.source, consent.at) == (wording, "newsletter page", later)
    assert consent.evidence == {
        "page": "newsletter",
        "asked_at": now.isoformat(),
        "confirmed_at": later.isoformat(),
    }
    assert agreed() == [ANNE]
    assert ConsentRequest.objects.get().supporter == consent.supporter


def test_second_answer_changes_nothing_also_after_a_no(now):
    ask(now)
    request = ConsentRequest.objects.get()
    confirm_consent(request=request, at=now)
    assert confirm_consent(request=request, at=now) is True

    record_consent(supporter=Supporter.objects.get(), given=False, source="link", at=now)

    assert confirm_consent(request=request, at=now) is False
    assert Consent.objects.count() == 2
    assert agreed() == []


def test_known_address_gets_its_mail_too_and_its_answer_undoes_a_no(now):
    anne = SupporterFactory(email=ANNE, given_name="Anna")
    record_consent(supporter=anne, given=False, source="link", at=now)

    ask(now, given_name="Anne")
    run_jobs()
    confirm_consent(request=ConsentRequest.objects.get(), at=now)

    assert mails() == [("confirm_consent", ANNE)]
    assert agreed() == [ANNE]
    # What the form says of somebody known is proposed, never written over.
    assert Supporter.objects.get().given_name == "Anna"
    assert Proposal.objects.values_list("value").get() == ("Anne",)


def test_mail_says_nothing_that_whoever_filled_in_the_form_wrote(now, mailoutbox):
    ask(now, given_name="Buy cheap at shop.example.com")

    run_jobs()

    assert "shop.example.com" not in mailoutbox[0].body


def test_second_mail_within_the_hour_is_not_sent(now):
    ask(now)
    ask(now + timedelta(minutes=59))
    run_jobs()

    assert mails() == [("confirm_consent", ANNE)]


def test_after_the_hour_a_new_mail_replaces_the_old_link(now):
    ask(now)
    old = token_for(ConsentRequest.objects.get())
    ask(now + timedelta(minutes=61), wording=(newer := WordingFactory()))
    run_jobs()

    request = ConsentRequest.objects.get()
    assert request.wording == newer
    assert consent_request_from(token_for(request)) == request
    with pytest.raises(BadToken):
        consent_request_from(old)


def test_mailbox_gets_at_most_five_mails_a_day(now):
    for hour in range(0, 22, 2):
        ask(now + timedelta(hours=hour), email=f"child{hour}@example.org", parent_email=MUM)

    assert ConsentRequest.objects.count() == 5


def test_boxes_ticked_together_are_one_mail_and_one_answer(now, settings):
    settings.DOUBLE_OPT_IN = ["newsletter", "appeals"]
    for purpose in settings.DOUBLE_OPT_IN:
        ask(now, purpose=purpose)
    run_jobs()

    confirm_consent(request=ConsentRequest.objects.first(), at=now)

    assert mails() == [("confirm_consent", ANNE)]
    given = ConsentState.objects.order_by("purpose").values_list("purpose", "given")
    assert list(given) == [("appeals", True), ("newsletter", True)]


def test_proved_address_agrees_at_once(now):
    ask(now, is_proved=True)

    assert (agreed(), ConsentRequest.objects.count()) == ([ANNE], 0)
    assert Consent.objects.get().evidence == {"asked_at": now.isoformat()}


@pytest.mark.parametrize("said_no", [False, True])
def test_without_double_opt_in_a_box_holds_unless_the_address_said_no(now, settings, said_no):
    settings.DOUBLE_OPT_IN = []
    if said_no:
        suppress(addresses=[ANNE], reason=Reason.UNSUBSCRIBED, purpose="newsletter", at=now)

    ask(now)

    assert agreed() == ([] if said_no else [ANNE])


def test_malformed_address_is_refused(now):
    with pytest.raises(ValueError, match="@"):
        ask(now, email="anne")

    assert not ConsentRequest.objects.exists()


def test_child_is_asked_once_the_parent_agreed(now, mailoutbox):
    ask(now, parent_name="Marie Maes", parent_email=MUM)
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[MUM]]
    assert ANNE not in mailoutbox[0].body

    # Whoever calls themself a parent may have written anybody's address.
    assert confirm_consent(request=ConsentRequest.objects.get(), at=now) is False
    assert (agreed(), Supporter.objects.count()) == ([], 0)
    run_jobs()
    assert mails() == [("confirm_consent_parent", MUM), ("confirm_consent", ANNE)]

    assert confirm_consent(request=ConsentRequest.objects.open().get(), at=now) is True
    consent = Consent.objects.get()
    assert (consent.supporter.email, consent.parent_name) == (ANNE, "Marie Maes")
    assert consent.evidence["by"] == "parent"
    assert agreed() == [ANNE]


def test_child_is_asked_once_however_often_the_parent_agrees(now):
    ask(now, parent_name="Marie Maes", parent_email=MUM)
    parents = ConsentRequest.objects.get()

    for _time in range(2):
        confirm_consent(request=parents, at=now)

    run_jobs()
    assert mails() == [("confirm_consent", ANNE)]


def test_child_without_a_parents_address_is_not_written_to(now):
    ask(now, parent_name="Marie Maes")

    assert (ConsentRequest.objects.count(), Consent.objects.count()) == (0, 0)


def test_parent_does_not_speak_for_an_address_that_said_no(now):
    anne = SupporterFactory(email=ANNE)
    record_consent(supporter=anne, given=False, source="link", at=now)
    ask(now, parent_name="Somebody", parent_email=MUM)

    assert confirm_consent(request=ConsentRequest.objects.get(), at=now) is False

    assert agreed() == []


def test_known_child_cannot_confirm_alone(now):
    SupporterFactory(email=ANNE, birth_date=date(2014, 6, 1))
    ask(now)
    request = ConsentRequest.objects.get()

    with pytest.raises(TooYoung):
        confirm_consent(request=request, at=now)

    assert ConsentRequest.objects.open().get() == request
    assert agreed() == []


def test_record_that_was_merged_since_agrees_as_the_one_that_stands(now):
    lost, kept = SupporterFactory(email=ANNE), SupporterFactory()
    ask(now)
    merge(kept=kept, lost=lost, at=now)

    confirm_consent(request=ConsentRequest.objects.get(), at=now)

    assert Consent.objects.get().supporter == kept


def test_erasure_ends_what_waits_for_an_answer(now):
    anne = register(email=ANNE, at=now)
    ask(now)
    token = token_for(ConsentRequest.objects.get())

    erase(supporter=anne, at=now)

    with pytest.raises(BadToken):
        consent_request_from(token)


def test_mail_of_a_request_that_is_gone_is_not_sent(now, mailoutbox):
    ask(now)
    ConsentRequest.objects.all().delete()

    run_jobs()

    assert mailoutbox == []


def test_who_called_our_mail_spam_may_come_back_by_their_own_act(now, mailoutbox):
    suppress(addresses=[ANNE], reason=Reason.COMPLAINED, at=now)

    ask(now)
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [[ANNE]]
    confirm_consent(request=ConsentRequest.objects.get(), at=now)

    assert agreed() == [ANNE]


def test_own_yes_to_a_mail_makes_an_address_good_that_had_called_mail_spam(now, mailoutbox):
    anne = SupporterFactory(email=ANNE)
    EmailAddress.objects.update(status=EmailAddress.Status.COMPLAINED)
    suppress(addresses=[ANNE], reason=Reason.COMPLAINED, at=now)

    ask(now)
    run_jobs()
    confirm_consent(request=ConsentRequest.objects.get(), at=now)

    assert len(mailoutbox) == 1
    assert (agreed(), anne.emails.get().status) == ([ANNE], "good")


def test_who_called_our_mail_spam_is_asked_once_a_week_whoever_writes_their_address(
    now, mailoutbox
):
    suppress(addresses=[ANNE], reason=Reason.COMPLAINED, at=now)

    for day in range(2):
        ask(now + timedelta(days=day))
        run_jobs()

    assert len(mailoutbox) == 1
    assert Mail.objects.last().error == "address:complained"


@pytest.mark.parametrize("is_settled", [False, True])
def test_parent_who_is_erased_leaves_no_name_and_no_address(now, is_settled):
    mum = SupporterFactory(email=MUM)
    ask(now, parent_name="Marie Maes", parent_email=MUM)
    if is_settled:
        confirm_consent(request=ConsentRequest.objects.get(), at=now)
        confirm_consent(request=ConsentRequest.objects.open().get(), at=now)

    erase(supporter=mum, at=now)

    told = ConsentRequest.objects.values_list("parent_name", "parent_email")
    assert set(told) <= {("", "")}
    assert not Mail.objects.filter(to=MUM).exists()
