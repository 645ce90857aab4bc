// nats.js on the same job, pipelined: a callback consumer, publishes that are not awaited one by one, ajv for the schema.
import { readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import Ajv from "ajv/dist/2020.js";

const schema = JSON.parse(readFileSync(new URL("../project/schemas/events/reading.schema.json", import.meta.url)));
const valid = new Ajv().compile(schema);
const nc = await connect({ servers: process.env.NATS_URL });
const js = jetstream(nc);
const jsm = await jetstreamManager(nc);
await jsm.consumers.add("READINGS", { durable_name: "natsjs-plain", ack_policy: AckPolicy.Explicit, max_ack_pending: 100000 });
const consumer = await js.consumers.get("READINGS", "natsjs-plain");
await consumer.consume({
  max_messages: 1000,
  callback: (m) => {
    const event = m.json();
    if (!valid(event)) { m.term("invalid"); return; }
    const { sensor, number, celsius, place, status, note } = event;
    const output = JSON.stringify({ sensor, number, kelvin: celsius + 273.15, place, status, note });
    js.publish(`alert.${sensor}`, output, { msgID: String(m.seq) }).then(() => m.ack(), () => m.nak());
  },
});
