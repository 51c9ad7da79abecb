"""What becomes of each signature: confirmed, withdrawn and why, or neither."""

from dataclasses import dataclass

import numpy as np

from crm.campaigns.models import Signature
from crm.demo.chance import Rows, some_of

CONFIRMED, PENDING, WITHDRAWN, HELD = range(4)
STATES = [Signature.Status[name].value for name in ("CONFIRMED", "PENDING", "WITHDRAWN", "HELD")]
Ended = Signature.Ended
ENDS = ["", *(reason.value for reason in Ended)]
WHY = {Ended.SIGNER: 40, Ended.BOUNCED: 29, Ended.STAFF: 12, Ended.NOT_ME: 10, Ended.COMPLAINED: 5,
    Ended.DUPLICATE: 4}  # fmt: skip
# These are found out before the signature counts.
UNCOUNTED = [ENDS.index(Ended.NOT_ME.value), ENDS.index(Ended.DUPLICATE.value)]
# How long signers take to open the mail, in seconds on average.
TO_CONFIRM, OFTEN = [240.0, 4 * 3600.0, 60 * 3600.0], [0.78, 0.16, 0.06]
TO_WITHDRAW, TO_LEAVE = 60 * 86400.0, 250 * 86400.0
NEWS, LEAVES, APPEALS = 0.34, 0.09, 0.1


@dataclass(frozen=True)
class Intake:
    """What is to come of one campaign's signatures: how many of each kind."""

    confirmed: int
    pending: int = 0
    withdrawn: int = 0
    comments: int = 0
    remembered: int = 0
    asks_for_gifts: bool = False

    @property
    def total(self) -> int:
        return self.confirmed + self.pending + self.withdrawn


@dataclass(frozen=True)
class Fates:
    """Arrays of one length. Moments are seconds since 1970, and 0 where there is none."""

    state: np.ndarray  # places in STATES, and in ENDS
    ended: np.ndarray
    confirmed: np.ndarray
    changed: np.ndarray
    news: np.ndarray  # whether the boxes were ticked
    appeals: np.ndarray
    left: np.ndarray  # when somebody wanted no more news
    speaks: np.ndarray  # whether they left a comment
    is_remembered: np.ndarray

    def kept(self, mask: np.ndarray) -> "Fates":
        return Fates(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


class Lots:
    """Draws them, so that an intake's numbers come out exactly."""

    def __init__(self, intake: Intake, *, end: int, rng: np.random.Generator) -> None:
        self.intake, self.end, self.rng = intake, end, rng
        self.state = np.zeros(intake.total, dtype=np.int8)
        others = rng.choice(intake.total, intake.pending + intake.withdrawn, replace=False)
        self.state[others[: intake.pending]] = PENDING
        self.state[others[intake.pending :]] = WITHDRAWN
        self.speaks = some_of(intake.comments, intake.confirmed, rng)
        self.is_remembered = some_of(intake.remembered, intake.confirmed, rng)
        self.drawn = self.counted = 0

    def draw(self, at: np.ndarray) -> Fates:
        """Return the fates of the next signatures, given at these moments."""
        state = self.state[self.drawn : self.drawn + len(at)]
        self.drawn += len(at)
        is_counted = state == CONFIRMED
        number = self.counted + np.cumsum(is_counted) - 1
        self.counted += int(is_counted.sum())
        return self.fates(at, state, speaks=is_counted & self.speaks[number],
            is_remembered=is_counted & self.is_remembered[number])  # fmt: skip

    def fates(
        self, at: np.ndarray, state: np.ndarray, *, speaks: np.ndarray, is_remembered: np.ndarray
    ) -> Fates:
        rng, size = self.rng, len(at)
        ended = np.where(state == WITHDRAWN, self.reasons(size), 0)
        proves = (state == CONFIRMED) | ((state == WITHDRAWN) & ~np.isin(ended, UNCOUNTED))
        confirmed = np.where(proves, self.later(at, rng.choice(TO_CONFIRM, size=size, p=OFTEN)), 0)
        changed = np.where(proves, confirmed, at)
        is_over = state == WITHDRAWN
        changed = np.where(is_over, self.later(changed, np.full(size, TO_WITHDRAW)), changed)
        # The boxes of a signature end with it.
        news = (rng.random(size) < NEWS) & ~is_over
        appeals = (rng.random(size) < APPEALS) & ~is_over & self.intake.asks_for_gifts
        leaves = news & (confirmed > 0) & (rng.random(size) < LEAVES)
        left = np.where(leaves, self.later(confirmed, np.full(size, TO_LEAVE)), 0)
        return Fates(state, ended, confirmed, changed, news, appeals, left, speaks, is_remembered)

    def reasons(self, size: int) -> np.ndarray:
        why = Rows([list(WHY.values())]).draw(np.zeros(size, dtype=int), self.rng)
        return np.array([ENDS.index(reason.value) for reason in WHY])[why]

    def later(self, at: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Moments after `at`, by so many seconds on average, and before the end."""
        later = at + self.rng.exponential(mean).astype(np.int64) + 15
        within = at + ((self.end - at) * self.rng.random(len(at))).astype(np.int64)
        return np.where(later < self.end, later, within)
