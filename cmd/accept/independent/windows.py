"""Sums and distinct customers of sliding windows, the plain way."""

from collections import defaultdict

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000

# Length and slide. An event is in the windows that end after it, up to a length later.
WINDOWS = {
    "1h": (HOUR, 5 * MINUTE),
    "24h": (DAY, HOUR),
    "7d": (7 * DAY, 6 * HOUR),
    "28d": (28 * DAY, DAY),
}


def ends(time, window):
    """The ends of the windows that hold a time."""
    length, slide = WINDOWS[window]
    first = time // slide * slide + slide
    return range(first, time // slide * slide + length + 1, slide)


def sums(facts, window):
    """Adds up facts (time, key, numbers) by window end and key."""
    slide = WINDOWS[window][1]
    slices = {}
    for time, key, numbers in facts:
        at = (time // slide * slide, key)
        if at in slices:
            slices[at] = tuple(a + b for a, b in zip(slices[at], numbers))
        else:
            slices[at] = tuple(numbers)
    totals = {}
    for (time, key), numbers in slices.items():
        for end in ends(time, window):
            at = (end, *key)
            if at in totals:
                totals[at] = tuple(a + b for a, b in zip(totals[at], numbers))
            else:
                totals[at] = numbers
    return totals


def distinct(facts, window):
    """Counts who is in facts (time, key, who) by window end and key."""
    slide = WINDOWS[window][1]
    active = defaultdict(set)
    for time, key, who in facts:
        active[key, who].add(time // slide * slide)
    people = defaultdict(int)
    for (key, _), times in active.items():
        for end in {end for time in times for end in ends(time, window)}:
            people[(end, *key)] += 1
    return {at: (n,) for at, n in people.items()}
