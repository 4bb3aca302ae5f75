// Publishes events, one JSON object a line of the input, and waits until they are stored.
import { createInterface } from "node:readline";

import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

interface Event {
  id: string;
  time: string;
  type: string;
  customer?: string;
  anonymous_id?: string;
  [field: string]: unknown;
}

const lateness = Number(process.env.LATENESS_MINUTES ?? "10") * 60_000; // as ebb is configured

// The subject token of a customer id: a customer has to stay in one partition.
function token(customer: string): string {
  if (/^[A-Za-z0-9_:@+-]{1,128}$/.test(customer)) {
    return customer;
  }
  return "~" + Buffer.from(customer).toString("base64url");
}

// Resolves when the event is stored. After an error send it again: it counts once by its id.
async function publish(stream: JetStreamClient, event: Event): Promise<void> {
  const late = Date.now() - Date.parse(event.time) - lateness;
  if (late > 0) {
    console.error(`event ${event.id} is ${Math.round(late / 1000)} s too late for its windows`);
  }
  const customer = event.customer || `anonymous:${event.anonymous_id}`;
  await stream.publish(`engagement.events.${token(customer)}`, JSON.stringify(event));
}

const connection = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  user: process.env.NATS_USER,
  pass: process.env.NATS_PASSWORD,
});
const stream = jetstream(connection);
for await (const line of createInterface({ input: process.stdin })) {
  await publish(stream, JSON.parse(line) as Event);
}
await connection.drain();
