import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../options.js";
import { createFaultyStore, diskFull, type FaultyStore } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import type { ImageWorker } from "./image-worker.js";
import { openLocalImageStore } from "./local-image-store.js";
import { receiveUpload } from "./receive-upload.js";

let root = "";
let blobs: FaultyStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-upload-"));
  blobs = createFaultyStore(await openStore(root));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

async function receive(stream: Readable): Promise<unknown> {
  const images = await openLocalImageStore(blobs, () => undefined);
  const imageWorker = {} as ImageWorker; // no upload here comes so far
  return receiveUpload(stream, "a.png", { blobs, images, imageWorker, limits: DEFAULT_LIMITS });
}

const leftovers = () => readdir(join(root, "tmp"));

test("a stream that breaks off is the client's", async () => {
  const stream = Readable.from(
    (async function* () {
      yield Buffer.alloc(100_000);
      throw new Error("the line is cut");
    })(),
  );
  await expect(receive(stream)).rejects.toMatchObject({
    code: "bad-request",
    message: expect.stringMatching(/interrupted/),
  });
  expect(await leftovers()).toEqual([]);
});

test("a stream that broke off before it was read is the client's, too", async () => {
  const stream = new Readable({ read: () => undefined });
  const closed = new Promise((resolve) => stream.once("close", resolve));
  stream.once("error", () => undefined);
  stream.destroy(new Error("the line is cut"));
  await closed;
  await expect(receive(stream)).rejects.toMatchObject({ code: "bad-request" });
  expect(await leftovers()).toEqual([]);
});

test("a file that can't be written is the server's, though it breaks the stream off too", async () => {
  blobs.temporaryPath = () => join(root, "missing", "file");
  const stream = Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)]);
  await expect(receive(stream)).rejects.toMatchObject({ code: "ENOENT" });
  expect(stream.destroyed).toBe(true);
});

test("nothing is left of an upload that can't be kept", async () => {
  blobs.faultOf = () => diskFull();
  const images = await openLocalImageStore(blobs, () => undefined);
  const inspect: ImageWorker["inspect"] = async (_path, thumbnailPath) => {
    await writeFile(thumbnailPath, "webp");
    return { width: 4, height: 3, orientation: 1, mediaType: "image/png" };
  };
  const imageWorker = { inspect } as Partial<ImageWorker> as ImageWorker;
  const services = { blobs, images, imageWorker, limits: DEFAULT_LIMITS };
  await expect(receiveUpload(Readable.from([Buffer.alloc(9)]), "a.png", services)).rejects.toThrow("ENOSPC");
  expect(await leftovers()).toEqual([]);
  expect(await images.count()).toBe(0);
});
