"""Figures of calendar days: who is new and who stays, cohorts of weeks, and what came of
messages by the day on which they were sent. Days are those of UTC."""

from collections import defaultdict
from datetime import date, timedelta

from people import NEGATIVE

DAY = 86_400_000
SPAN = 28  # days for which a message stays open


class DayCheck:
    """One comparison of a view of days; days is the view that says which were counted."""

    def __init__(self, name, view, by, columns, expect, days=None, where=""):
        self.name, self.view, self.by, self.columns, self.expect = name, view, by, columns, expect
        self.days, self.where = days or view, where


def day_of(ms):
    return date(1970, 1, 1) + timedelta(days=ms // DAY)


def engaged(stream):
    """The days on which each customer engaged."""
    days = defaultdict(set)
    for e in stream.events:
        if e.kind in ("micro", "active") and e.type not in NEGATIVE:
            days[e.customer].add(day_of(e.time))
    return days.values()


def within(days, until, n):
    return any(until - timedelta(days=back) in days for back in range(n))


def lifecycle(stream, counted):
    """The state of each customer in the day, the week and the 28 days up to a day."""
    rows = defaultdict(int)
    for days in engaged(stream):
        for text in counted:
            day = date.fromisoformat(text)
            if min(days) > day:
                continue
            for name, length in (("day", 1), ("week", 7), ("28d", 28)):
                before = day - timedelta(days=length)
                if not within(days, day, 28):
                    state = "dormant"
                elif not within(days, day, length):
                    state = "resting"
                elif min(days) > before:
                    state = "new"
                else:
                    state = "returning" if within(days, before, 28) else "resurrected"
                rows[text, name, state] += 1
    return {at: (n,) for at, n in rows.items()}


def retention(stream, counted):
    """Of those who first engaged in a week, who did in the week that ends with a Sunday."""
    rows = defaultdict(lambda: [0, 0])
    for days in engaged(stream):
        first = min(days) - timedelta(days=min(days).weekday())
        for text in counted:
            day = date.fromisoformat(text)
            if day.weekday() != 6 or min(days) > day:
                continue
            row = rows[text, first.isoformat(), str((day - timedelta(days=6) - first).days // 7)]
            row[0] += 1
            row[1] += within(days, day, 7)
    return {at: tuple(row) for at, row in rows.items()}


# What an event says of a message: its rank, and what becomes known, by people and by machines.
_SAYS = {
    "message.sent": (0, "sent", "sent"),
    "message.delivered": (1, "delivered", "delivered"),
    "message.bounced": (1, "bounced", "bounced"),
    "email.opened": (2, "opened", "machine_opened"),
    "message.read": (2, "opened", "machine_opened"),
    "email.clicked": (2, "clicked", "machine_clicked"),
    "message.clicked": (2, "clicked", "machine_clicked"),
    "ad.clicked": (2, "clicked", "machine_clicked"),
    "unsubscribed": (2, "unsubscribed", None),
    "opted_out": (2, "unsubscribed", None),
    "spam_reported": (2, "complained", None),
    "order.completed": (2, "converted", None),
    "subscription.renewed": (2, "converted", None),
    "lead.submitted": (2, "converted", None),
}
MARKS = ("delivered", "bounced", "opened", "clicked", "converted", "machine_opened", "machine_clicked", "unsubscribed", "complained")


def said(e):
    machine = e.kind == "machine"
    if e.type == "ad.viewed":
        return (2, {"machine_opened"}) if machine else (0, {"sent", "delivered", "opened"})
    if e.type not in _SAYS:
        return None
    rank, person, bot = _SAYS[e.type]
    known = bot if machine else person
    return known and (rank, {known})


def campaigns(stream, _):
    """Each message once, on the day and in the campaign of its send."""
    messages, closed = {}, []
    for e in stream.events:
        key = e.body.get("message") and "m" + e.body["message"] or e.body.get("campaign") and "c" + e.body["campaign"]
        says = key and said(e)
        if not says:
            continue
        rank, known = says
        item = messages.get((e.customer, key))
        if item and day_of(e.clock) > day_of(item["time"]) + timedelta(days=SPAN):
            closed.append(messages.pop((e.customer, key)))
            item = None
        begins = item is None or (rank, e.time) < (item["rank"], item["time"])
        if item is None:
            item = messages[e.customer, key] = {"known": set()}
        if begins:
            variant = e.properties.get("variant")
            item.update(rank=rank, time=e.time, by=(e.body.get("campaign", ""), e.channel, variant or ""))
        item["known"] |= known
    rows = defaultdict(lambda: [0] * (1 + len(MARKS)))
    for item in (*messages.values(), *closed):
        if not item["known"] & {"sent", "delivered", "bounced"}:
            continue
        row = rows[(day_of(item["time"]).isoformat(), *item["by"])]
        row[0] += 1
        for place, mark in enumerate(MARKS, 1):
            row[place] += mark in item["known"]
    return {at: tuple(row) for at, row in rows.items()}


DAY_CHECKS = [
    DayCheck("lifecycle", "v_lifecycle", ("interval", "state"), ("customers",), lifecycle, days="v_reach_daily"),
    DayCheck("retention", "v_retention", ("cohort", "week"), ("customers", "active"), retention, days="v_reach_daily"),
    DayCheck("campaigns", "v_campaigns", ("campaign", "channel", "variant"), ("messages", *MARKS), campaigns, where=" WHERE messages > 0"),
]
