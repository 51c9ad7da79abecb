"""Names that Python, the templates, the style sheet and the script share."""

SIGNATURES = "signatures"
DONATIONS = "donations"

FILTERS = "filters"
HEADLINE = "headline"
TILES = "tiles"
GOALS = "goals"
PROBLEM = "problem"

PER_STEP = "signatures-over-time"
CUMULATIVE = "signatures-so-far"
CHANNELS = "signatures-by-source"
COUNTRIES = "signatures-by-country"
PROVINCES = "signatures-by-province"
SPOKEN = "signatures-by-language"

MONEY = "gross-and-net"
FREQUENCY = "once-and-monthly"
AVERAGE = "average-gift"
DONORS = "new-and-returning-donors"


def of(page: str, part: str) -> str:
    """The id of a part that both pages have.

    >>> of(SIGNATURES, FILTERS)
    'signatures-filters'
    """
    return f"{page}-{part}"


def graph(chart: str) -> str:
    return f"{chart}-graph"


def frame(chart: str) -> str:
    return f"{chart}-frame"


def heading(chart: str) -> str:
    return f"{chart}-heading"


def sentence(chart: str) -> str:
    return f"{chart}-sentence"


def export(chart: str) -> str:
    return f"{chart}-export"


def table(chart: str) -> str:
    return f"{chart}-table"
