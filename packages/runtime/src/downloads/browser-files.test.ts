import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openDownloadCache } from "./browser-download-cache.js";
import { type FileLoading, loadFile } from "./browser-files.js";

const URL_OF_FILE = "https://example.org/weights";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Cache Storage as far as it is used, in memory. */
function fakeStorage(): { storage: CacheStorage; entries: Map<string, Uint8Array<ArrayBuffer>> } {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const cache = {
    match: async (key: string) => (entries.has(key) ? new Response(entries.get(key)) : undefined),
    put: async (key: string, response: Response) =>
      void entries.set(key, new Uint8Array(await response.arrayBuffer())),
    delete: async (key: string) => entries.delete(key),
  };
  return { storage: { open: async () => cache } as unknown as CacheStorage, entries };
}

async function loading(
  storage: CacheStorage | undefined,
  content = "weights",
): Promise<FileLoading & { requests: string[]; progress: unknown[] }> {
  const requests: string[] = [];
  const progress: unknown[] = [];
  return {
    cache: await openDownloadCache(storage),
    fetch: (async (url: string) => {
      requests.push(url);
      return new Response(content, { headers: { "content-length": String(content.length) } });
    }) as typeof fetch,
    signal: new AbortController().signal,
    notify: (notice) => progress.push(notice),
    requests,
    progress,
  };
}

describe("files of weights", () => {
  it("are downloaded once, and found by their address or hash later", async () => {
    const { storage } = fakeStorage();
    const first = await loading(storage);
    const file = await loadFile({ from: URL_OF_FILE }, first);
    expect(file.sha256).toBe(sha256("weights"));
    expect(first.progress).toEqual([
      { kind: "download", file: URL_OF_FILE, receivedBytes: 7, totalBytes: 7 },
    ]);
    const second = await loading(storage);
    expect(await loadFile({ from: URL_OF_FILE }, second)).toEqual(file);
    const moved = { from: "https://example.org/moved", sha256: sha256("weights") };
    expect((await loadFile(moved, second)).bytes).toEqual(file.bytes);
    expect(second.requests).toEqual([]);
  });

  it.each([
    ["before it answers", () => new Promise<Response>(() => {})],
    [
      "in the middle",
      async () => new Response(new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(3)) })),
    ],
  ])("are asked for again, a few times, where a server stalls %s", async (_, stall) => {
    const answers = await loading(undefined);
    const fetchAfter = (silent: number): FileLoading => {
      let requests = 0;
      const fetch = (async (url: string) =>
        requests++ < silent ? stall() : answers.fetch(url)) as typeof globalThis.fetch;
      return { ...answers, fetch, idleTimeoutMs: 1000 }; // the time itself is tested
    };
    expect((await loadFile({ from: URL_OF_FILE }, fetchAfter(1))).sha256).toBe(sha256("weights"));
    await expect(loadFile({ from: URL_OF_FILE }, fetchAfter(3))).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("sent nothing for 1 s"),
    });
  });

  it("are downloaded again when what was kept has changed", async () => {
    const { storage, entries } = fakeStorage();
    await loadFile({ from: URL_OF_FILE }, await loading(storage));
    const key = [...entries.keys()].find((name) => name.includes("/sha256/"))!;
    entries.set(key, new TextEncoder().encode("weighty"));
    const again = await loading(storage);
    const { bytes } = await loadFile({ from: URL_OF_FILE }, again);
    expect(new TextDecoder().decode(bytes)).toBe("weights");
    expect(again.requests).toEqual([URL_OF_FILE]);
  });

  it("are loaded where nothing can be kept", async () => {
    const broken = { open: () => Promise.reject(new Error("full")) } as unknown as CacheStorage;
    for (const storage of [undefined, broken]) {
      const each = await loading(storage);
      expect((await loadFile({ from: URL_OF_FILE }, each)).bytes).toHaveLength(7);
      expect(each.requests).toHaveLength(1);
    }
  });

  it("of another hash are refused and not kept", async () => {
    const { storage, entries } = fakeStorage();
    const wrong = loadFile({ from: URL_OF_FILE, sha256: sha256("other") }, await loading(storage));
    await expect(wrong).rejects.toMatchObject({ code: "checkpoint-invalid" });
    expect(entries.size).toBe(0);
  });
});
