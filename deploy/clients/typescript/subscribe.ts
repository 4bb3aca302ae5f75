// Prints who became at risk and why; after a stop it goes on where it was.
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

interface Signal {
  id: string;
  signal: "raised" | "cleared" | "alert";
  customer: string;
  headline: string;
  holdout?: boolean;
}

const connection = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  user: process.env.NATS_USER,
  pass: process.env.NATS_PASSWORD,
  inboxPrefix: "_INBOX_subscriber",
});
const stream = "ENGAGEMENT_SIGNALS";
const name = "winback-ts";
await (await jetstreamManager(connection, { checkAPI: false })).consumers.add(stream, {
  durable_name: name,
  filter_subject: "engagement.signals.at_risk.>",
  ack_policy: AckPolicy.Explicit,
});
const consumer = await jetstream(connection).consumers.get(stream, name);
for await (const message of await consumer.consume()) {
  const signal = message.json<Signal>();
  if (signal.signal === "raised" && !signal.holdout) {
    // Act here, once for each id: a message may come again.
    console.log(signal.id, signal.customer, signal.headline);
  }
  message.ack();
}
