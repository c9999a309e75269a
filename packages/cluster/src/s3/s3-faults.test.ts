import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalBlobStore } from "@segany/server/blobs";
import { expect, it, onTestFinished } from "vitest";
import { openS3BlobStore } from "./open-s3-blob-store.js";

const CREDENTIALS = { accessKeyId: "key", secretAccessKey: "s3cret" };
const LIST = '<?xml version="1.0"?><ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const status = (code: number) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(code).end();
const content = (_: IncomingMessage, response: ServerResponse) => void response.end("hello");

/** A store whose server gives these answers, one for each request, and the last one from then on. */
async function openWith(answers: readonly Answer[], maxAttempts = 4) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url!.includes("list-type")) return response.end(LIST);
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(`${request.method} ${request.headers["if-none-match"] ?? ""}`.trim());
      answer(request, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const path = await mkdtemp(join(tmpdir(), "segany-faults-"));
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await rm(path, { recursive: true, force: true });
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cache = await openLocalBlobStore({ path });
  const options = { cache, endpoint, credentials: CREDENTIALS, maxAttempts };
  return { blobs: await openS3BlobStore("s3://bucket/prefix", options), requests };
}

it("tries again while the store fails", async () => {
  const { blobs, requests } = await openWith([status(500), status(503), status(200)]);
  await blobs.put("a", "x");
  expect(requests).toEqual(["PUT", "PUT", "PUT"]);
});

it("says what failed, without the credentials, when the store keeps failing", async () => {
  const { blobs, requests } = await openWith([status(500)], 2);
  const error = await blobs.put("a", "x").catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({ code: "store-unusable", message: expect.stringContaining('"bucket" (500)') });
  expect(JSON.stringify(error) + String(error)).not.toContain(CREDENTIALS.secretAccessKey);
  expect(requests).toHaveLength(2);
});

it("does not try again what is refused", async () => {
  const { blobs, requests } = await openWith([status(403)]);
  await expect(blobs.put("a", "x")).rejects.toMatchObject({ code: "store-unusable" });
  expect(requests).toHaveLength(1);
});

it("reads again what broke off", async () => {
  const breakOff: Answer = (_, response) => {
    response.writeHead(200, { "content-length": 5 }).write("he");
    setImmediate(() => response.destroy());
  };
  const { blobs } = await openWith([breakOff, content, breakOff, breakOff, content]);
  expect((await blobs.get("a"))?.toString()).toBe("hello");
  expect(await readFile(await blobs.localPath("a"), "utf8")).toBe("hello");
});

it.each([
  ["another wrote it between question and write", [status(404), status(412)], false],
  ["another writes at the same time, and has won", [status(404), status(409), status(200)], false],
  ["another wrote at the same time, and failed", [status(404), status(409), status(404), status(200)], true],
  ["the store does not know the condition", [status(404), status(501), status(200)], true],
] as const)("makes a new file, or not: %s", async (_, answers, isMade) => {
  const { blobs, requests } = await openWith(answers, 1);
  expect(await blobs.putNew("a", "x")).toBe(isMade);
  expect(requests.slice(0, 2)).toEqual(["HEAD", "PUT *"]);
});
