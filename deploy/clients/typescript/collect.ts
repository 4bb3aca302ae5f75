// Sends calls to ebb collect by Segment's own library, one JSON object a line of the input.
import { createInterface } from "node:readline";

import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({
  host: process.env.COLLECT_URL ?? "http://127.0.0.1:8089",
  writeKey: process.env.WRITE_KEY ?? "",
});
analytics.on("error", (failure) => {
  console.error(failure.code, failure.reason);
  process.exitCode = 1;
});
for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...fields } = JSON.parse(line);
  switch (call) {
    case "identify":
      analytics.identify(fields);
      break;
    case "page":
      analytics.page(fields);
      break;
    default:
      analytics.track(fields);
  }
}
await analytics.closeAndFlush({ timeout: 30_000 });
