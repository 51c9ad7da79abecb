"""What both pages say about steps of time that are not whole."""

import pandas as pd
from django.utils.translation import gettext, pgettext


def marks(complete: pd.Series) -> list[str]:
    """What the table says beside a step that is not over, or that the period cuts."""
    return ["" if whole else pgettext("part of a period", "incomplete") for whole in complete]


def pointed(text: str, mark: str) -> str:
    """What the pointer shows, with the mark."""
    return f"{text} ({mark})" if mark else text


def hatching(sentence: str, drawn: pd.Series, complete: pd.Series) -> str:
    """Explain hatched bars, when there are any to be seen."""
    is_seen = (drawn.ne(0) & ~complete).any()
    note = gettext("Hatched: not complete.")  # here, for xgettext reads no f-strings
    return f"{sentence} {note}" if is_seen else sentence
