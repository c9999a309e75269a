/** For tests: many fuzzed requests to a real server. */
import fc from "fast-check";
import { expect } from "vitest";
import { createClient, send } from "./client.js";
import { faultOf, fuzzedRequests } from "./fuzz-bodies.js";
import type { ServerProcess } from "./server-process.js";
import { paintImage } from "./test-images.js";

/** Sends so many requests, and holds that none was a fault and the server still does its work. */
export async function fuzz(server: ServerProcess, count: number): Promise<void> {
  const client = createClient(server.address);
  const { id } = await client.upload(await paintImage(1));
  const job = await client.segment(id, { pointsPerSide: 2 });
  const property = fc.asyncProperty(fuzzedRequests(id, job.id), async (question) => {
    expect(await faultOf(server.address, question)).toBeUndefined();
  });
  await fc.assert(property, { numRuns: count });
  expect((await send(server.address, { path: "/health" })).status).toBe(200);
  const { masks } = await client.predict(id, { pointCoords: [[32, 32]], pointLabels: [1] });
  expect(masks).toHaveLength(3);
}
