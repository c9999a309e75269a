import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assert, asyncProperty, boolean, integer, record } from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLocalKeptMaskStore } from "../images/local-kept-mask-store.js";
import { imageKeys } from "../records/stored-image.js";
import { createFaultyStore, diskFull } from "../testing/faulty-store.js";
import { openApp } from "../testing/open-app.js";
import { openStore } from "../testing/open-store.js";
import { createTurns } from "../turns.js";

const about = { image_id: 1, width: 6, height: 5, file_name: "a.png" };
/** A document that says which it is. */
const documentOf = (which: number | string) => ({ image: { ...about, which }, annotations: [] });

async function openMasks() {
  const { app, image, services } = await openApp();
  const url = `/v1/images/${image.id}/masks`;
  const request = (method: "GET" | "PUT" | "DELETE", headers: object, payload?: object, address = url) =>
    app.inject({
      method,
      url: address,
      headers: { host: "localhost", ...headers },
      ...(payload && { payload }),
    });
  return {
    services,
    imageId: image.id,
    get: (headers = {}) => request("GET", headers),
    put: (which: number | string, headers = {}) => request("PUT", headers, documentOf(which)),
    removeImage: () => request("DELETE", {}, undefined, `/v1/images/${image.id}`),
  };
}

describe("the version of kept masks", () => {
  test("is the same from PUT and GET, and another for other masks", async () => {
    const { put, get } = await openMasks();
    expect((await get()).headers.etag).toBeUndefined();
    const first = (await put(1)).headers.etag;
    expect(first).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await get()).headers.etag).toBe(first);
    const second = (await put(2)).headers.etag;
    expect(second).not.toBe(first);
    expect((await get()).headers.etag).toBe(second);
    expect((await put(1)).headers.etag).toBe(first);
  });

  test("saves clients that have it the document", async () => {
    const { put, get } = await openMasks();
    const etag = (await put(1)).headers.etag as string;
    const fresh = await get({ "if-none-match": `"x", W/${etag}` });
    expect([fresh.statusCode, fresh.body, fresh.headers.etag]).toEqual([304, "", etag]);
    expect((await get({ "if-none-match": '"x"' })).json()).toEqual(documentOf(1));
  });

  test("is replaced where it is the one that the request names", async () => {
    const { put, get } = await openMasks();
    const first = (await put(1, { "if-none-match": "*" })).headers.etag as string;
    expect((await put(2, { "if-match": `"x", ${first}` })).statusCode).toBe(204);
    expect((await put(3, { "if-match": "*" })).statusCode).toBe(204);
    expect((await put(4)).statusCode).toBe(204);
    expect((await get()).json()).toEqual(documentOf(4));
  });

  test("that changed meanwhile stays, and the refusal says which it is now", async () => {
    const { put, get } = await openMasks();
    const old = (await put(1)).headers.etag as string;
    const now = (await put(2)).headers.etag as string;
    for (const headers of [
      { "if-match": old },
      { "if-match": `W/${now}` },
      { "if-none-match": "*" },
      { "if-none-match": now },
      { "if-match": now, "if-none-match": now },
    ]) {
      const answer = await put(3, headers);
      expect([answer.statusCode, answer.json().code]).toEqual([412, "precondition-failed"]);
      expect(answer.json().message).toContain(now);
      expect(answer.headers.etag).toBe(now);
      expect((await get()).json()).toEqual(documentOf(2));
    }
  });

  test("that nobody has yet can't be replaced", async () => {
    const { put, get } = await openMasks();
    for (const match of ["*", '"x"']) {
      const answer = await put(1, { "if-match": match });
      expect([answer.statusCode, answer.json().code]).toEqual([412, "precondition-failed"]);
      expect(answer.headers.etag).toBeUndefined();
    }
    expect((await get()).statusCode).toBe(204);
  });

  test("that can't be read is refused, and nothing is written", async () => {
    const { put, get } = await openMasks();
    await put(1);
    const answer = await put(2, { "if-match": "abc" });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "bad-request"]);
    expect((await get()).json()).toEqual(documentOf(1));
  });

  test("is the same after a restart, and for documents from before there were versions", async () => {
    const { services, imageId, put, get } = await openMasks();
    const etag = (await put(1)).headers.etag;
    const { blobs } = services;
    await blobs.put(imageKeys.masks(imageId), JSON.stringify(documentOf(1)));
    expect((await get()).headers.etag).toBe(etag);
    const later = await createLocalKeptMaskStore(blobs, services.images, createTurns()).open(imageId);
    later?.content.destroy();
    expect(`"${later?.version}"`).toBe(etag);
  });
});

describe("of several who write at once", () => {
  test("one is first, and each of the others hears of it", async () => {
    const { put, get } = await openMasks();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => put(i, { "if-none-match": "*" })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, ...Array(7).fill(412)]);
    const winner = answers.findIndex(({ statusCode }) => statusCode === 204);
    expect((await get()).json()).toEqual(documentOf(winner));
    expect(new Set(answers.map(({ headers }) => headers.etag))).toEqual(
      new Set([(await get()).headers.etag]),
    );
  });

  test("each builds on the one before it, however slow the disk and whatever fails", async () => {
    const root = await mkdtemp(join(tmpdir(), "segany-kept-"));
    onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
    const blobs = createFaultyStore(await openStore(root));
    const images = { get: async () => ({}) as never };
    const steps = record({ writers: integer({ min: 2, max: 6 }), fails: boolean() });
    let images_ = 0;
    await assert(
      asyncProperty(steps, async ({ writers, fails }) => {
        const id = (images_++).toString(16).padStart(64, "0");
        const store = createLocalKeptMaskStore(blobs, images, createTurns());
        let isFailing = fails;
        blobs.faultOf = () => {
          if (!isFailing) return undefined;
          isFailing = false;
          return diskFull();
        };
        /** Adds its letter to what is there, until it gets in. */
        const add = async (letter: string) => {
          for (;;) {
            const document = await store.open(id);
            const chunks = document ? await document.content.toArray() : [];
            const text = Buffer.concat(chunks).toString() + letter;
            const done = await store
              .put(id, Buffer.from(text), (version) => version === document?.version)
              .catch(() => ({ isWritten: false }));
            if (done.isWritten) return;
          }
        };
        const letters = [..."abcdef"].slice(0, writers);
        await Promise.all(letters.map(add));
        const text = (await blobs.get(imageKeys.masks(id)))!.toString();
        expect([...text].sort()).toEqual(letters);
      }),
      { numRuns: 25 },
    );
  });

  test("who comes after the image was deleted leaves nothing of it", async () => {
    const { put, removeImage, services, imageId } = await openMasks();
    const { blobs } = services;
    const write = blobs.put;
    let removed: ReturnType<typeof removeImage> | undefined;
    blobs.put = async (key, bytes) => {
      removed = removeImage();
      await Promise.race([removed, sleep(200)]); // it ends only after this write
      await write(key, bytes);
    };
    expect((await put(1)).statusCode).toBe(204);
    expect((await removed)?.statusCode).toBe(204);
    expect(await blobs.stat(imageKeys.masks(imageId))).toBeUndefined();
    expect((await put(2)).statusCode).toBe(404);
  });
});
