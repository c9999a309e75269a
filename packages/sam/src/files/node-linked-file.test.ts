import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { downloadCheckpoint, findCheckpoint } from "./node-checkpoints.js";
import { rememberedFile } from "./node-linked-file.js";

const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");
const model = {
  name: "linked",
  source: { kind: "linked", fileName: "a.safetensors", url: "https://host.example/a", aboutBytes: 9 },
} as const;

let cacheDir = "";
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "segany-linked-"));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

/** A host that redirects to the file and tells its hash, as Hugging Face does. */
function hostOf(content: string, told: Readonly<Record<string, string>> = {}): typeof globalThis.fetch {
  const linked = { "x-linked-size": `${content.length}`, "x-linked-etag": `"${sha256Of(content)}"`, ...told };
  return async (_url, init) =>
    init?.method === "HEAD"
      ? new Response(null, { status: 302, headers: { location: "https://files.example/a", ...linked } })
      : new Response(content, { headers: { "content-length": `${content.length}` } });
}

const download = (fetch: typeof globalThis.fetch) => downloadCheckpoint(model, { cacheDir, fetch });

it("is checked with the hash that its host tells, and found again", async () => {
  expect(await findCheckpoint(model, cacheDir)).toBeUndefined();
  const path = await download(hostOf("weights"));
  expect(await readFile(path, "utf8")).toBe("weights");
  expect(await rememberedFile(path)).toMatchObject({ sizeBytes: 7, sha256: sha256Of("weights") });
  expect(await findCheckpoint(model, cacheDir)).toBe(path);
  await writeFile(path, "WEIGHTS");
  expect(await findCheckpoint(model, cacheDir)).toBeUndefined();
  expect(await download(hostOf("weights"))).toBe(path);
  expect(await findCheckpoint(model, cacheDir)).toBe(path);
});

it("is refused where the host tells another hash than the first time", async () => {
  const path = await download(hostOf("weights"));
  await rm(path);
  const refused = { code: "download-failed", message: expect.stringContaining(`Delete ${path}.json`) };
  await expect(download(hostOf("changed"))).rejects.toMatchObject(refused);
  await rm(`${path}.json`);
  expect(await readFile(await download(hostOf("changed")), "utf8")).toBe("changed");
});

it.each([
  ["no hash", { "x-linked-etag": "" }],
  ["a version in place of a hash", { "x-linked-etag": '"686897696a7c876b7e"' }],
  ["no size", { "x-linked-size": "" }],
  ["a size that is none", { "x-linked-size": "-1" }],
])("is not downloaded where the host tells %s", async (_, told) => {
  await expect(download(hostOf("weights", told))).rejects.toMatchObject({ code: "download-failed" });
  expect(await readdir(cacheDir)).toEqual([]);
});

it("is thrown away where it is another than the host says", async () => {
  await expect(download(hostOf("weights", { "x-linked-etag": "0".repeat(64) }))).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringContaining("thrown away"),
  });
});
