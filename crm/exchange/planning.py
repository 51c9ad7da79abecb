"""What becomes of each row of those that are about people we know, or stand in several rows.

Rows are looked at in the order of the file; each sees what those above it have changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm.exchange.knowing import ADDRESS, BLANK, Knowledge, Known
from crm.exchange.models import ImportRow, Kind
from crm.exchange.options import FILL, NEW, UPDATE, Options
from crm.lib import contact
from crm.lib.regions import region_of

NAMES = ("given_name", "family_name")
PLAIN = ("kind", "form_of_address", "language", "birth_date")
CREATED, UPDATED = ImportRow.Outcome.CREATED.value, ImportRow.Outcome.UPDATED.value
UNCHANGED, SKIPPED = ImportRow.Outcome.UNCHANGED.value, ImportRow.Outcome.SKIPPED.value
BAD = ImportRow.Outcome.BAD.value


@dataclass
class Step:
    """What is done for one row. The flags say what is added; `say` is what is said of the
    newsletter; before and after hold what changes for somebody whom we know."""

    line: int
    person: int | None = None
    outcome: str = UNCHANGED
    is_new: bool = False
    adds: set[str] = field(default_factory=set)
    say: bool | None = None
    tags: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def change(self, person: Known, name: str, value: Any) -> None:
        self.before.setdefault(name, person.fields[name])
        self.after[name] = value
        person.fields[name] = value
        person.dirty = True

    def add(self, what: str, kind: str, value: str) -> None:
        self.adds.add(what)
        self.after.setdefault(kind, []).append(value)


class Plan:
    """Decides row by row. `numbers` gives new people theirs."""

    def __init__(
        self, *, kind: str, options: Options, knowledge: Knowledge, numbers: Iterator[int]
    ) -> None:
        self.kind, self.options = kind, options
        self.knowledge, self.numbers = knowledge, numbers

    def steps(self, rows: list[dict[str, Any]]) -> Iterator[Step]:
        begun = [(row, self.step(row)) for row in rows]
        # Where somebody can be mailed may stand further down than that they want it.
        for row, step in begun:
            yield self.finished(step, row)

    def finished(self, step: Step, row: dict[str, Any]) -> Step:
        """Add what the row says, and what was done, unless it is left out."""
        if step.person is not None and not step.reason:
            person = self.knowledge.people[step.person]
            self.hear(person, row, step)
            added = self.add_deed(person, row, step)
            step.outcome = self.outcome_of(step, added=added)
        return step

    def step(self, row: dict[str, Any]) -> Step:
        found = self.knowledge.whose(row)
        if len(found) > 1:
            return Step(row["line"], outcome=BAD, reason="two-people")
        person = found[0] if found else self.newcomer(row)
        step = Step(row["line"], person.id, is_new=not found)
        step.reason = self.reason_to_skip(person, step)
        if step.reason:
            step.outcome = SKIPPED
            return step
        self.fill_in(person, row, step)
        return step

    def newcomer(self, row: dict[str, Any]) -> Known:
        fields = {**BLANK, "language": self.options.language}
        person = Known(next(self.numbers), fields, is_new=True, dirty=True)
        told = (row.get(name) for name in ("known_since", "signed_at", "given_on"))
        person.since = next((moment for moment in told if moment), None)
        self.knowledge.people[person.id] = person
        return person

    def reason_to_skip(self, person: Known, step: Step) -> str:
        if person.is_erased:
            return "erased"
        if self.kind == Kind.SIGNATURES and person.signature == "withdrawn":
            return "withdrawn"
        return ""

    def outcome_of(self, step: Step, *, added: bool) -> str:
        if added or (step.is_new and self.kind == Kind.SUPPORTERS):
            return CREATED
        if step.after or step.say is not None:
            return UPDATED
        if self.options.mode == NEW and self.kind == Kind.SUPPORTERS and not step.is_new:
            step.reason = "known"
            return SKIPPED
        return UNCHANGED

    def fill_in(self, person: Known, row: dict[str, Any], step: Step) -> None:
        """Write what a row says about a person, as far as the import may."""
        mode = UPDATE if step.is_new else self.options.mode
        if mode == NEW:
            return
        self.knowledge.remember(row, person)
        self.fill_names(person, row, step, mode)
        for name in PLAIN:
            value = row.get(name)
            if value is not None and differs(person.fields[name], value, mode):
                step.change(person, name, value)
        self.fill_address(person, row, step, mode)
        self.add_contact_points(person, row, step)
        self.add_identifiers(person, row, step)
        self.add_words(person, row, step)
        if step.is_new:
            step.before, step.after = {}, {}

    def fill_names(self, person: Known, row: dict[str, Any], step: Step, mode: str) -> None:
        """Fill in a name, unless what is known of it is another's: two may share an address."""
        if mode == FILL and not agree(person, row):
            return
        for name in NAMES:
            value = row.get(name)
            if value and differs(person.fields[name], value, mode):
                step.change(person, name, value)

    def fill_address(self, person: Known, row: dict[str, Any], step: Step, mode: str) -> None:
        """Fill in or replace where somebody lives; an address is never mixed of two."""
        told = {name: row[name] for name in ADDRESS if row.get(name)}
        if not told.keys() - {"country"}:
            return
        lives = person.fields["postcode"]
        if mode == FILL and lives and told.get("postcode", lives) != lives:
            return
        self.fill_letters(person, told, step, mode)
        changed = [
            name
            for name in ("postcode", "country")
            if name in told and differs(person.fields[name], told[name], mode)
        ]
        for name in changed:
            step.change(person, name, told[name])
        region = region_of(person.fields["country"], person.fields["postcode"])
        if changed and region != person.fields["region"]:
            step.change(person, "region", region)

    def fill_letters(self, person: Known, told: dict[str, Any], step: Step, mode: str) -> None:
        """Add the address that letters go to, or change the one there is."""
        known = person.address
        if known is None:
            if told.keys() & {"street", "town"}:
                lives = {name: person.fields[name] for name in ("postcode", "country")}
                step.after["address"] = told
                person.address = {"id": None, "street": "", "town": "", **lives, **told}
                person.dirty = True
            return
        changed = {name: told[name] for name in told if differs(known[name], told[name], mode)}
        if mode == FILL and "street" in told and known["street"] not in {"", told["street"]}:
            changed = {}
        if changed:
            step.before["address"] = {name: known[name] for name in changed} | {"id": known["id"]}
            step.after["address"] = changed
            known |= changed | {"changed": True}
            person.dirty = True

    def add_contact_points(self, person: Known, row: dict[str, Any], step: Step) -> None:
        for name in ("email", "other_email"):
            address = row.get(name)
            if address and address not in person.emails:
                person.emails.add(address)
                person.dirty = True  # people are found by all of their addresses
                step.add(name, "emails", address)
                if not person.fields["email"]:
                    step.change(person, "email", address)
        for name in ("phone", "other_phone"):
            number = row.get(name)
            if number and number not in person.phones:
                person.phones.add(number)
                step.add(name, "phones", number)
                if not person.has_preferred_phone:
                    person.has_preferred_phone = True
                    step.adds.add(f"prefer_{name}")

    def add_identifiers(self, person: Known, row: dict[str, Any], step: Step) -> None:
        number = row.get("identifier")
        if number and number not in person.identifiers:
            person.identifiers.add(number)
            step.add("identifier", "identifiers", number)
        if row.get("fingerprint") and step.is_new:
            step.adds.add("fingerprint")

    def add_words(self, person: Known, row: dict[str, Any], step: Step) -> None:
        for name in [*self.options.tags, *(row.get("tags") or [])]:
            if name.lower() not in person.tags:
                person.tags.add(name.lower())
                step.tags.append(name)
                step.add("tags", "tags", name)
        if (text := row.get("note")) and text not in person.notes:
            person.notes.add(text)
            step.adds.add("note")
            step.after["note"] = text

    def hear(self, person: Known, row: dict[str, Any], step: Step) -> None:
        """Take a "no" in any case, and a "yes" only where nothing was said before."""
        said = row.get("newsletter")
        if said is None or not person.emails or (said and person.is_refused):
            return
        if person.newsletter is None or (person.newsletter and not said):
            person.newsletter = step.say = said
            if not step.is_new:
                step.after["newsletter"] = said

    def add_deed(self, person: Known, row: dict[str, Any], step: Step) -> bool:
        """Add the signature or the gift that the row is about; return whether it is new."""
        if self.kind == Kind.GIFTS:
            step.adds.add("gift")
            return True
        if self.kind == Kind.SIGNATURES and not person.signature:
            person.signature = self.options.status
            step.adds.add("signature")
            return True
        return False


def differs(current: Any, value: Any, mode: str) -> bool:
    """Whether a value is to be written over what is known."""
    return bool(current != value and (mode == UPDATE or not current))


def agree(person: Known, row: dict[str, Any]) -> bool:
    """Whether the names of a row may be those of this person."""
    pairs = ((person.fields[name], row.get(name)) for name in NAMES)
    return all(not ours or not theirs or same(ours, theirs) for ours, theirs in pairs)


def same(ours: str, theirs: str) -> bool:
    return ours == theirs or contact.words(ours) == contact.words(theirs)
