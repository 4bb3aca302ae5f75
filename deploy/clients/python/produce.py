"""Publishes events, one JSON object a line of the input, and waits until they are stored."""

import asyncio
import base64
import datetime
import json
import os
import re
import sys

import nats

LATENESS = datetime.timedelta(minutes=float(os.environ.get("LATENESS_MINUTES", "10")))  # as ebb is configured


def customer_of(event):
    """The customer id of an event."""
    return event.get("customer") or "anonymous:" + event["anonymous_id"]


def token(customer):
    """The subject token of a customer id: a customer has to stay in one partition."""
    if re.fullmatch(r"[A-Za-z0-9_:@+-]{1,128}", customer):
        return customer
    return "~" + base64.urlsafe_b64encode(customer.encode()).rstrip(b"=").decode()


async def publish(stream, event):
    """Returns when the event is stored. After an error send it again: it counts once by its id."""
    time = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    late = datetime.datetime.now(datetime.timezone.utc) - time - LATENESS
    if late > datetime.timedelta(0):
        print(f"event {event['id']} is {late} too late for its windows", file=sys.stderr)
    body = json.dumps(event, ensure_ascii=False).encode()
    return await stream.publish("engagement.events." + token(customer_of(event)), body)


async def main():
    connection = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        user=os.environ.get("NATS_USER"), password=os.environ.get("NATS_PASSWORD"))
    stream = connection.jetstream()
    for line in sys.stdin:
        await publish(stream, json.loads(line))
    await connection.drain()


if __name__ == "__main__":
    asyncio.run(main())
