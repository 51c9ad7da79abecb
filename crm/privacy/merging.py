"""What holds for one person who was two records: a "no" of either is a "no".

Also one that follows an address which came with either: see `suppressing`.
"""

from datetime import datetime
from typing import Any

from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState
from crm.privacy.suppressing import SAID, Reason, about, addresses_of, recognise, suppress
from crm.privacy.suppressions import Suppression

Said = tuple[bool, datetime]
Key = tuple[str, str]


def strictest(one: Said, other: Said) -> Said:
    """What holds of two words: the latest "no", else the earliest "yes"."""
    if one[0] != other[0]:
        return other if one[0] else one
    since = (min if one[0] else max)(one[1], other[1])
    return one[0], since


def join(*, kept: Supporter, lost: Supporter, at: datetime) -> list[dict[str, Any]]:
    """Let the kept record say what holds for both, and the lost one nothing; return how it was."""
    own, theirs = states_of(kept), states_of(lost)
    if not (own or theirs):
        return []
    addresses = addresses_of(kept, lost)
    recognise(addresses)
    journal = []
    for key in sorted({*own, *theirs}):
        states = [states[key] for states in (own, theirs) if key in states]
        said = [(state.given, state.since) for state in states]
        holds = heeded(addresses, key, strictest(said[0], said[-1]))
        before = {"kept": noted(own.get(key)), "lost": noted(theirs.get(key))}
        now = [holds[0], holds[1].isoformat()]
        suppressed = [] if holds[0] else spread(addresses, key, at=holds[1])
        journal.append({"key": key, **before, "holds": now, "suppressed": suppressed})
        if key in theirs:
            theirs[key].delete()
        if key in theirs or holds != said[0]:
            write(kept, key, holds, own[key].pk if key in own else None)
    return journal


def heeded(addresses: set[str], key: Key, holds: Said) -> Said:
    """What holds beside what was said at these addresses before they were these records'."""
    channel, purpose = key
    if not holds[0] or channel != Channel.EMAIL:
        return holds
    newest = about(addresses, purpose).filter(reason__in=SAID).order_by("-at").first()
    return (False, newest.at) if newest else holds


def spread(addresses: set[str], key: Key, *, at: datetime) -> list[str]:
    """Let a "no" follow the addresses of both; return the hashes for which that is new."""
    channel, purpose = key
    if channel != Channel.EMAIL:
        return []
    return suppress(addresses=addresses, reason=Reason.UNSUBSCRIBED, purpose=purpose, at=at)


def take_from(key: Key, digests: list[str]) -> None:
    """Let a "no" no longer follow the addresses that were not its own."""
    followed = Suppression.objects.filter(digest__in=digests, reason=Reason.UNSUBSCRIBED)
    followed.filter(channel=key[0], purpose=key[1]).delete()


def part(*, kept: Supporter, lost: Supporter, data: list[dict[str, Any]], at: datetime) -> bool:
    """Give both records what held before; return whether a "no" was said since, as both then say.

    What was said since the merge stays with the kept record.
    """
    now = states_of(kept)
    known = {(each["key"][0], each["key"][1]): each for each in data}
    refused = False
    for key in sorted({*known, *now}):
        before, said = known.get(key), now.get(key)
        is_new = said is not None and (before is None or noted(said)[1:] != before["holds"])
        if said is not None and not is_new:
            take_back(kept, key, said, before["kept"] if before else None)
            take_from(key, before["suppressed"] if before else [])
        theirs = before["lost"] if before else None
        if said is not None and is_new and not said.given:
            write(lost, key, (False, said.since), theirs[0] if theirs else None)
            refused = True
        else:
            restore(lost, key, theirs)
    return refused


def take_back(kept: Supporter, key: Key, said: ConsentState, before: list[Any] | None) -> None:
    """Let the kept record say what it said before, or nothing."""
    if before is None:
        said.delete()
    restore(kept, key, before)


def states_of(supporter: Supporter) -> dict[Key, ConsentState]:
    states = ConsentState.objects.filter(supporter=supporter)
    return {(state.channel, state.purpose): state for state in states}


def noted(state: ConsentState | None) -> Any:
    return None if state is None else [state.pk, state.given, state.since.isoformat()]


def restore(supporter: Supporter, key: Key, before: list[Any] | None) -> None:
    if before is not None:
        pk, given, since = before
        write(supporter, key, (given, datetime.fromisoformat(since)), pk)


def write(supporter: Supporter, key: Key, said: Said, pk: int | None) -> None:
    state = ConsentState(
        pk=pk,
        supporter=supporter,
        channel=key[0],
        purpose=key[1],
        given=said[0],
        since=said[1],
    )
    state.save()
