"""A few people and addresses to whom everything happens that consents may meet, and beside it, in
plain Python, what each address and record last said itself."""

from datetime import UTC, datetime, timedelta

from crm.campaigns.operations import confirm
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.mailing.outbox import letter
from crm.mailing.unsubscribing import unsubscribe
from crm.people.addressing import StillNeeded, add_email, change_email, make_primary, remove_email
from crm.people.contact_points import EmailAddress
from crm.people.merges import Merge
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.operations import EmailTaken, correct, register
from crm.people.unmerging import NotUndoable, unmerge
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import ask_for_consent, confirm_consent
from crm.privacy.erasure import erase
from crm.privacy.models import ConsentState, Purpose
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import Reason, suppress
from tests.crm.lists import imported
from tests.factories import CampaignFactory, CampaignTextFactory, WordingFactory

ADDRESSES = [f"{name}@example.org" for name in ("anne", "bob", "cleo", "dirk")]
GOOD = EmailAddress.Status.GOOD


class Said:
    """What was last said by whoever has an address, and by each record: "yes", "no" or nothing."""

    def __init__(self):
        self.at_address, self.of_record, self.bounced = {}, {}, set()
        self.merges = {}
        self.number = 0

    def say(self, word, record, addresses):
        self.number += 1
        self.of_record[record] = (word, self.number)
        for address in addresses:
            self.at_address[address] = (word, self.number)

    def refuses(self, record, addresses):
        words = [self.of_record.get(record), *(self.at_address.get(each) for each in addresses)]
        return any(word and word[0] == "no" for word in words)

    def join(self, key, kept, lost, addresses):
        """A "no" of either is one of both, until the merge is undone."""
        self.number += 1
        before = {each: self.at_address.get(each) for each in addresses}
        records = {each: self.of_record.get(each) for each in (kept, lost)}
        self.merges[key] = (self.number, before, records, kept)
        if self.refuses(kept, addresses) or self.refuses(lost, []):
            self.of_record[kept] = ("no", self.number)
            self.at_address.update(dict.fromkeys(addresses, ("no", self.number)))

    def part(self, key, lost):
        number, before, records, kept = self.merges.pop(key)
        since = self.of_record.get(kept)
        if since is None or since[1] <= number:
            self.of_record.update(records)
        else:
            self.of_record[lost] = since if since[0] == "no" else records[lost]
        for address, word in before.items():
            if self.at_address.get(address, ("", 0))[1] <= number:
                self.at_address[address] = word
                if word is None:
                    del self.at_address[address]


class World:
    """Each deed takes the numbers of a record and of an address; where it cannot be, it is not."""

    def __init__(self):
        self.said = Said()
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.campaign = CampaignFactory()
        CampaignTextFactory(campaign=self.campaign)
        self.wording = WordingFactory()
        for address in ADDRESSES[:3]:
            register(email=address, at=self.now)

    def do(self, name, one, other):
        self.now += timedelta(hours=30)
        people = list(Supporter.objects.current().order_by("pk"))
        who = people[one % len(people)] if people else register(email=ADDRESSES[0], at=self.now)
        getattr(self, name)(who, ADDRESSES[other % len(ADDRESSES)], other)

    def held(self, supporter):
        return list(supporter.emails.values_list("address", flat=True))

    def holder(self, address):
        return Supporter.objects.current().filter(emails__address=address).first()

    def mailed(self):
        states = ConsentState.objects.may_be_mailed().select_related("supporter")
        return {state.supporter_id: state.supporter.email for state in states}

    # What people say themselves.

    def says_yes(self, who, _address, _number):
        if who.email:
            record_consent(supporter=who, given=True, source="link", at=self.now)
            self.said_yes(who, who.email)

    def said_yes(self, who, address):
        who.refresh_from_db()
        self.said.say("yes", who.pk, self.held(who))
        if address == who.email:
            self.said.bounced.discard(address)
            if who.emails.get(address=address).status == GOOD:
                assert self.mailed().get(who.pk) == address

    def says_no(self, who, _address, _number):
        record_consent(supporter=who, given=False, source="link", at=self.now)
        self.said.say("no", who.pk, self.held(who))

    def unsubscribes_by_one_click(self, who, _address, _number):
        if who.email:
            mail = letter("x", key=f"{self.now}", to=who, language="en", at=self.now, context={})
            mail.save()
            unsubscribe(mail_id=mail.public_id, at=self.now)
            self.said.say("no", who.pk, self.held(who))

    def confirms_a_box(self, _who, address, number):
        box = {"email": address, "purpose": "newsletter", "wording": None, "language": "en"}
        ask_for_consent(**box, source=f"page {number}", at=self.now)
        asked = ConsentRequest.objects.open().filter(email=address).last()
        if asked is not None and number % 3:
            confirm_consent(request=asked, at=self.now)
            self.said_yes(self.holder(address), address)

    # What others say of them.

    def is_imported_as_subscribed(self, _who, address, _number):
        supporter = register(email=address, at=self.now)
        how = {"source": "import:1", "said_by_supporter": False, "at": self.now}
        record_consent(supporter=supporter, given=True, **how)

    def stands_in_a_file(self, _who, address, number):
        word, other = "yes" if number % 2 else "no", ADDRESSES[number % len(ADDRESSES)]
        other = other if number > 5 and other != address else ""
        imported(f"Email,Other email,Newsletter\n{address},{other},{word}\n", consent="a list")
        for each in filter(None, (address, other)):
            if (who := self.holder(each)) is not None:
                self.follows(who, each)
        if word == "no" and (who := self.holder(address)) is not None:
            states = ConsentState.objects.filter(supporter=who, given=False)
            if states.filter(purpose="newsletter").exists():
                self.said.say("no", who.pk, self.held(who))

    def is_synced(self, who, _address, number):
        how = {"source": "newsletter tool", "said_by_supporter": False, "at": self.now}
        record_consent(supporter=who, given=bool(number % 2), **how)
        if not number % 2:
            self.said.say("no", who.pk, self.held(who))

    def signs_by_the_api(self, _who, address, number):
        person = {"given_name": "A", "family_name": "B", "postcode": "", "country": ""}
        how = {"campaign": self.campaign, "language": "en", "trail": Trail(utm_source="api")}
        newsletter = {"newsletter": self.wording if number % 2 else None}
        signature = sign(email=address, at=self.now, **person, **how, **newsletter)
        waiting = signature.status == "pending"
        if number % 3:
            signature = confirm(signature=signature, at=self.now)
            if waiting and signature.newsletter is not None:
                self.said_yes(self.holder(address), address)

    # What becomes of mails.

    def bounces(self, _who, address, _number):
        suppress(addresses=[address], reason=Reason.BOUNCED, at=self.now)
        row = EmailAddress.objects.filter(address=address).first()
        if row is not None:
            change_email(email=row, status=EmailAddress.Status.BOUNCING, at=self.now)
        self.said.bounced.add(address)

    def works_again(self, _who, address, _number):
        row = EmailAddress.objects.filter(address=address).first()
        if row is not None:
            change_email(email=row, status=GOOD, at=self.now)

    def complains(self, _who, address, _number):
        suppress(addresses=[address], reason=Reason.COMPLAINED, at=self.now)
        who = self.holder(address)
        for purpose in Purpose.values if who else ():
            how = {"source": "complaint", "purpose": purpose, "at": self.now}
            record_consent(supporter=who, given=False, **how)
        self.said.say("no", who and who.pk, {address, *(self.held(who) if who else ())})

    # What staff do.

    def is_erased(self, who, _address, _number):
        held = self.held(who)
        erase(supporter=who, at=self.now)
        suppress(addresses=held, reason=Reason.ERASED, at=self.now)
        self.said.say("no", who.pk, held)

    def gets_an_address(self, who, address, _number):
        try:
            add_email(supporter=who, address=address, source="staff", at=self.now)
        except EmailTaken:
            return
        self.follows(who, address)

    def follows(self, who, address):
        word = self.said.of_record.get(who.pk)
        if word and word[0] == "no":
            self.said.at_address[address] = word

    def is_corrected(self, who, address, _number):
        try:
            correct(supporter=who, email=address, at=self.now)
        except EmailTaken:
            return
        self.follows(who, address)

    def loses_an_address(self, who, _address, number):
        rows = list(who.emails.order_by("pk"))
        if rows:
            try:
                remove_email(email=rows[number % len(rows)], at=self.now)
            except StillNeeded:
                return

    def prefers_another(self, who, _address, number):
        rows = list(who.emails.order_by("pk"))
        if rows:
            make_primary(email=rows[number % len(rows)], at=self.now)

    def is_merged(self, who, _address, number):
        others = list(Supporter.objects.current().exclude(pk=who.pk).order_by("pk"))
        if others:
            lost = others[number % len(others)]
            addresses = self.held(who) + self.held(lost)
            choices = {"email": "lost"} if number % 2 and lost.email else {}
            merged = merge(kept=who, lost=lost, at=self.now, choices=choices)
            self.said.join(merged.pk, who.pk, lost.pk, addresses)

    def is_taken_apart(self, _who, _address, _number):
        merged = Merge.objects.filter(undone_at=None).order_by("pk").last()
        if merged is not None:
            try:
                unmerge(merge=merged, at=self.now)
            except NotUndoable:
                return
            self.said.part(merged.pk, merged.lost_id)


DEEDS = [
    name
    for name in vars(World)
    if name not in {"do", "held", "holder", "mailed", "said_yes", "follows"} and "__" not in name
]
