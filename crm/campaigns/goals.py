"""The goal of a campaign, which may rise: nearly reached, it gives way to the next round number."""

NEARLY = 95  # per cent
# What people call round, in each power of ten from ten on.
ROUND = (10, 15, 20, 30, 50, 75)


def next_round(above: int) -> int:
    """Return the smallest round number above another one.

    >>> next_round(1000), next_round(1001), next_round(4_999), next_round(7_500)
    (1500, 1500, 5000, 10000)
    """
    power = 1
    while True:
        for digits in ROUND:
            if digits * power > above:
                return digits * power
        power *= 10


def goal_for(count: int, first: int | None, rises: bool) -> int | None:
    """Return the goal that a counter shows; None where there is none.

    >>> goal_for(949, 1000, True), goal_for(950, 1000, True), goal_for(2_900, 1000, True)
    (1000, 1500, 5000)
    >>> goal_for(2_900, 1000, False), goal_for(5, None, True)
    (1000, None)
    """
    goal = first
    while rises and goal and count * 100 >= goal * NEARLY:
        goal = next_round(goal)
    return goal
