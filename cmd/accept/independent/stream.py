"""What becomes of each record of a raw stream, as `ebb demo --raw` writes it.

The rules are those of the README and of the design alone: an event whose time is
behind its partition's clock by more than the lateness is late, one that came before
under the same customer, id and time is a duplicate, one too far ahead or without
what an event needs is a dead letter, and the others count.
"""

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone

from vocabulary import TYPES

LATENESS = 10 * 60 * 1000
SKEW = 5 * 60 * 1000


@dataclass(slots=True)
class Event:
    time: int  # Unix ms
    clock: int  # of its partition, when it came
    customer: str
    type: str
    kind: str  # machine: of a scanner or a bot
    channel: str
    body: dict = field(repr=False)

    @property
    def person(self):
        """Whether it is an engagement of a person."""
        return self.kind not in ("exposure", "machine")

    @property
    def properties(self):
        return self.body.get("properties", {})


@dataclass
class Stream:
    events: list  # accepted, in the order of the stream
    counts: dict  # processed, duplicates, dead_letters, late_dropped
    late: list


def milliseconds(text):
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    delta = at - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def records(path):
    open_file = gzip.open if path.endswith(".gz") else open
    with open_file(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def decode(record):
    """The event of a record; ValueError for what is none."""
    if "bytes" in record:
        raise ValueError("no UTF-8")
    body = json.loads(record["body"])
    for name in ("id", "time", "type"):
        if not body.get(name):
            raise ValueError(f"no {name}")
    customer = body.get("customer") or body.get("anonymous_id") and "anonymous:" + body["anonymous_id"]
    if not customer:
        raise ValueError("no customer")
    if body["type"] not in TYPES:
        raise SystemExit(f"type {body['type']} is not in vocabulary.py; add it with its kind and channel")
    kind, channel = TYPES[body["type"]]
    if body.get("machine"):
        kind = "machine"
    return Event(milliseconds(body["time"]), record["clock"], customer, body["type"], kind, body.get("channel") or channel, body)


def judged(path):
    """Reads a raw stream of history and says what counts."""
    clocks, seen, events, late = {}, set(), [], []
    counts = dict(processed=0, duplicates=0, dead_letters=0, late_dropped=0)
    for record in records(path):
        if record["lane"] == "p":
            raise SystemExit("the stream has live events; use a demo without --serve")
        if record["lane"] != "h":
            continue
        partition = record["partition"]
        clock = clocks[partition] = max(clocks.get(partition, 0), record["clock"])
        if record.get("control"):
            continue
        try:
            event = decode(record)
        except ValueError:
            counts["dead_letters"] += 1
            continue
        event.clock = clock
        key = (event.customer, event.body["id"], event.time)
        if event.time > clock + SKEW:
            counts["dead_letters"] += 1
        elif event.time < clock - LATENESS:
            counts["late_dropped"] += 1
            late.append(event)
        elif key in seen:
            counts["duplicates"] += 1
        else:
            seen.add(key)
            counts["processed"] += 1
            events.append(event)
    return Stream(events, counts, late)
