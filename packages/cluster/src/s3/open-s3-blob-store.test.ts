import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalBlobStore } from "@segany/server/blobs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findMoto, startMoto, startS3rver } from "../../../../scripts/testing/s3.mjs";
import { blobStoreContract } from "../../../server/src/testing/blob-store-contract.js";
import { openS3BlobStore, type S3StoreOptions } from "./open-s3-blob-store.js";

onStore("s3rver", startS3rver);
describe.skipIf(!findMoto())("where moto is", () => onStore("moto", startMoto));

function onStore(name: string, start: typeof startS3rver): void {
  describe(`a store of blobs in ${name}`, () => {
    let server: Awaited<ReturnType<typeof startS3rver>>;
    const folders: string[] = [];
    let prefixes = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());
    afterEach(async () => {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
    });

    async function openCache() {
      const path = await mkdtemp(join(tmpdir(), "segany-s3-"));
      folders.push(path);
      return { path, cache: await openLocalBlobStore({ path }) };
    }

    /** Another process's view of the same prefix. */
    async function openAt(prefix: string, options: Partial<S3StoreOptions> = {}) {
      const { path, cache } = await openCache();
      const { endpoint, credentials } = server;
      const blobs = await openS3BlobStore(`s3://${server.bucket}/${prefix}`, {
        ...{ cache, endpoint, credentials, ...options },
      });
      return { blobs, path };
    }
    const openNew = async () => (await openAt(`test-${prefixes++}`)).blobs;

    blobStoreContract(openNew);

    it("shows each process what others stored, changed and deleted", async () => {
      const prefix = `test-${prefixes++}/deeper`;
      const [{ blobs: a }, { blobs: b }] = [await openAt(prefix), await openAt(prefix)];
      const readB = async () => readFile(await b.localPath("x"), "utf8");
      await a.put("x", "1");
      expect(await readB()).toBe("1");
      expect(await readB()).toBe("1");
      await a.put("x", "2");
      expect(await readB()).toBe("2");
      expect(await b.list("images")).toEqual([]);
      await a.delete("x");
      await expect(readB()).rejects.toMatchObject({ code: "ENOENT" });
    });

    it("keeps copies up to its limit, the last used ones", async () => {
      const { blobs, path } = await openAt(`test-${prefixes++}`, { maxCacheBytes: 25 });
      for (const name of ["a", "b"]) await blobs.put(name, "x".repeat(10));
      const inCache = async () => (await readdir(path)).filter((name) => name !== "tmp").sort();
      for (const name of ["a", "b", "a"]) await blobs.localPath(name);
      expect(await inCache()).toEqual(["a", "b"]);
      const written = blobs.temporaryPath();
      await writeFile(written, "y".repeat(10));
      await blobs.putFile("c", written);
      expect(await inCache()).toEqual(["a", "c"]);
      expect(await readFile(await blobs.localPath("b"), "utf8")).toBe("x".repeat(10));
    });

    it("lets anybody read for a time", async () => {
      const blobs = await openNew();
      await blobs.put("x", "hello");
      const address = await blobs.presign("x", 60);
      expect(await (await fetch(address)).text()).toBe("hello");
    });

    it.runIf(name === "s3rver")("refuses more than the part that was asked for", async () => {
      const blobs = await openNew();
      await blobs.put("x", "hello");
      const first = blobs.read("x", { start: 0, end: 1 }); // s3rver takes the range 0-0 for none
      await expect(first).rejects.toMatchObject({ code: "store-unusable" });
    });

    it("says which bucket is not there", async () => {
      const { cache } = await openCache();
      const { endpoint, credentials } = server;
      await expect(
        openS3BlobStore("s3://no-such-bucket", { cache, endpoint, credentials }),
      ).rejects.toMatchObject({ code: "store-unusable", message: expect.stringContaining("no-such-bucket") });
    });

    it.runIf(name === "moto")("lists more than one answer holds", async () => {
      const blobs = await openNew();
      const keys = Array.from({ length: 1003 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
      const waiting = keys.values();
      const put = async () => {
        for (const key of waiting) await blobs.put(key, "x");
      };
      await Promise.all(Array.from({ length: 8 }, put));
      expect(await blobs.list("many")).toEqual(keys);
    });

    it.runIf(name === "moto")("lets one of many writers make a new file", async () => {
      const blobs = await openNew();
      const wins = await Promise.all(Array.from({ length: 12 }, (_, i) => blobs.putNew("x", String(i))));
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect((await blobs.get("x"))?.toString()).toBe(String(wins.indexOf(true)));
    });
  });
}
