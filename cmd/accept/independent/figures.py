"""Each figure twice: from the raw events here, and as the views have it.

A check is a function of the stream and a window that gives the expected rows: a
dictionary from (window end in ms, dimensions...) to a tuple of measures; beside it
stand the view, its dimensions and its columns. Rows that are not there and rows of
zeros are the same. Figures that divide are compared where they have enough cases,
and are NULL where not.
"""

from decimal import Decimal

from windows import distinct, sums


class Check:
    """One comparison of a view of windows."""

    def __init__(self, name, view, by, columns, expect, windows=("24h",), figures=None, where=""):
        self.name, self.view, self.by, self.columns, self.expect = name, view, by, columns, expect
        self.windows, self.figures, self.where = windows, figures or {}, where


def micro(number):
    """A number in millionths, cut toward zero as rows hold it."""
    return Decimal(int(Decimal(str(number)) * 1_000_000)) / 1_000_000


def interactions(stream, window):
    return sums(((e.time, (e.channel, e.kind, e.type), (1,)) for e in stream.events if e.person), window)


def total(stream, window):
    return sums(((e.time, (), (1,)) for e in stream.events if e.person), window)


def channels(stream, window):
    return sums(((e.time, (e.channel,), (1,)) for e in stream.events if e.person), window)


def kinds(stream, window):
    return sums(((e.time, (e.kind,), (1,)) for e in stream.events), window)


def customers(stream, window):
    return distinct(((e.time, (), e.customer) for e in stream.events if e.person), window)


def customers_by_kind(stream, window):
    return distinct(((e.time, (e.kind,), e.customer) for e in stream.events if e.person), window)


def values(stream, window):
    return sums(
        (
            (e.time, (e.type, e.body.get("currency", "") if "value" in e.body else ""), (1, Decimal(str(e.body.get("value", 0)))))
            for e in stream.events
            if e.kind != "machine"
        ),
        window,
    )


def sentiments(stream, window):
    return sums(
        (
            (e.time, (e.channel,), (1, micro(e.body["sentiment"]), int(e.body["sentiment"] < 0)))
            for e in stream.events
            if e.person and "sentiment" in e.body
        ),
        window,
    )


def survey(name, least, most):
    """Answers, their sum, and a count of each score, by channel."""

    def rows(stream, window):
        return sums(
            (
                (e.time, (e.channel,), (1, e.body["score"], *(int(e.body["score"] == s) for s in range(least, most + 1))))
                for e in stream.events
                if e.person and e.type == "survey.answered" and e.properties.get("survey") == name and "score" in e.body
            ),
            window,
        )

    return rows


def surveyed(name, least, most, figure):
    """The check of a survey, with the figure that a row of it gives from ten answers on."""
    columns = ("answers", "score", *(f"score_{s}" for s in range(least, most + 1)))
    formula = lambda row: figure(row) / Decimal(row[0]) if row[0] >= 10 else None  # noqa: E731
    return Check(name, f"v_{name}", ("channel",), columns, survey(name, least, most), windows=("24h", "28d"), figures={name: formula})


def share(of, among, least):
    """A figure of a row: one measure over another, None below so many cases."""
    return lambda row: row[of] / Decimal(row[among]) if row[among] >= least else None


CHECKS = [
    Check("interactions", "v_interactions", ("channel", "kind", "type"), ("events",), interactions),
    Check("rollup total", "v_total", (), ("events",), total, windows=("1h", "24h", "7d", "28d")),
    Check("rollup channel", "v_channel", ("channel",), ("events",), channels, windows=("24h", "7d")),
    Check("kind mix", "v_kind", ("kind",), ("events",), kinds, windows=("24h", "7d")),
    Check("distinct customers", "v_total", (), ("customers",), customers, windows=("1h", "24h", "7d", "28d")),
    Check("distinct customers by kind", "v_kind", ("kind",), ("customers",), customers_by_kind),
    Check("values by type", "v_type", ("type", "currency"), ("events", "value"), values, windows=("24h", "28d")),
    Check(
        "sentiment",
        "v_sentiment",
        ("channel",),
        ("answers", "sentiment", "negative"),
        sentiments,
        windows=("24h", "28d"),
        figures={"mean_sentiment": share(1, 0, 10), "negative_share": share(2, 0, 10)},
    ),
    # Of a row: answers, sum, then the count of each score from the least on.
    surveyed("nps", 0, 10, lambda row: Decimal(100 * (sum(row[11:13]) - sum(row[2:9])))),
    surveyed("csat", 1, 5, lambda row: Decimal(sum(row[5:7]))),
    surveyed("ces", 1, 7, lambda row: Decimal(row[1])),
]
