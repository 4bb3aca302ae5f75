"""Figures that follow customers from event to event, in the order of the stream."""

from decimal import Decimal

from figures import Check, share
from windows import sums

_STAGES = {
    "awareness": "page.viewed email.opened message.read post.viewed ad.viewed ad.clicked",
    "consideration": "page.pinged scroll.reached video.progressed product.searched app.opened screen.viewed screen.pinged "
    "email.clicked message.clicked post.liked conversation.joined visit.detected chat.messaged call.started",
    "preference": "account.signed_up newsletter.subscribed cart.added email.replied message.replied post.commented lead.submitted item.tried",
    "purchase": "order.completed order.returned payment.failed",
    "loyalty": "review.posted feature.used app.uninstalled unsubscribed spam_reported opted_out post.shared mention.posted referral.made "
    "case.opened case.resolved survey.shown survey.started survey.answered feedback.given balance.viewed offer.viewed "
    "loyalty.enrolled points.redeemed subscription.renewed subscription.canceled",
}
STAGE = {name: stage for stage, names in _STAGES.items() for name in names.split()}
PLACE = {stage: place for place, stage in enumerate(("none", *_STAGES))}

NEGATIVE = set(
    "app.uninstalled unsubscribed spam_reported opted_out order.returned case.opened payment.failed subscription.canceled".split()
)

GAP = 30 * 60_000
HEARTBEAT = 10_000
LEAST_VISIT = 5


def journey(stream, window):
    """Moves between stages: what speaks against the relation moves nobody."""
    at, been, moves = {}, {}, []
    for e in stream.events:
        to = STAGE.get(e.type)
        if not e.person or to is None or e.type in NEGATIVE:
            continue
        source = at.get(e.customer, "none")
        stages = been.setdefault(e.customer, set())
        if source != to:
            forward = PLACE[source] < PLACE[to]
            moves.append((e.time, (source, to), (1, int(to not in stages), int(forward), int(not forward))))
        at[e.customer] = to
        stages.add(to)
    return sums(moves, window)


class _Visit:
    """The newest session of a customer."""

    def __init__(self):
        self.newest, self.channel, self.went_on, self.pinged = None, "", False, None


def sessions(stream, window):
    """Sessions, those that go on, and seconds between events and of attention."""
    visits, facts = {}, []
    for e in stream.events:
        if not e.person:
            continue
        v = visits.setdefault(e.customer, _Visit())
        begins = v.newest is None or e.time > v.newest + GAP
        goes_on, active, engaged = False, 0, 0
        if begins:
            v.channel, v.went_on, v.pinged = e.channel, False, None
        else:
            goes_on, v.went_on = not v.went_on, True
            active = max(e.time - v.newest, 0)
        if e.type in ("page.pinged", "screen.pinged"):
            beat = e.time // HEARTBEAT
            if v.pinged is None:
                engaged = LEAST_VISIT
            elif beat > v.pinged:
                engaged = HEARTBEAT // 1000
            v.pinged = beat if v.pinged is None else max(v.pinged, beat)
        v.newest = e.time if v.newest is None else max(v.newest, e.time)
        facts.append((e.time, (v.channel,), (1, int(begins), int(goes_on), active, engaged)))
    return {at: (*row[:3], row[3] / Decimal(1000), row[4]) for at, row in sums(facts, window).items()}


PEOPLE_CHECKS = [
    Check(
        "journey",
        "v_journey",
        ("from_stage", "to_stage"),
        ("transitions", "first_reached", "forward", "backward"),
        journey,
        windows=("24h", "28d"),
        figures={"first_share": share(1, 0, 10)},
    ),
    Check(
        "sessions",
        "v_sessions",
        ("channel",),
        ("events", "sessions", "continued", "active_seconds", "engaged_seconds"),
        sessions,
        windows=("24h", "7d"),
    ),
]
