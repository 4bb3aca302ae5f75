"""Prints who became at risk and why; after a stop it goes on where it was."""

import asyncio
import json
import os

import nats


async def main():
    connection = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"), inbox_prefix=b"_INBOX_subscriber",
        user=os.environ.get("NATS_USER"), password=os.environ.get("NATS_PASSWORD"))
    signals = await connection.jetstream().pull_subscribe(
        "engagement.signals.at_risk.>", durable="winback", stream="ENGAGEMENT_SIGNALS")
    while True:
        try:
            messages = await signals.fetch(100, timeout=5)
        except nats.errors.TimeoutError:
            continue
        for message in messages:
            signal = json.loads(message.data)
            if signal["signal"] == "raised" and not signal.get("holdout"):
                # Act here, once for each id: a message may come again.
                print(signal["id"], signal["customer"], signal["headline"], flush=True)
            await message.ack()


asyncio.run(main())
