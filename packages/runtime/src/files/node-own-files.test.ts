import { chmod, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readHashCache } from "./node-hash-cache.js";
import { readOwnFile, whyShared } from "./node-own-files.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-own-"));
  path = join(folder, "hashes.json");
  const record = { size: "1", mtimeNs: "1", ctimeNs: "1", inode: "1", sha256: "0".repeat(64) };
  await writeFile(path, JSON.stringify({ "/model.pth": record }));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const makeShared: readonly (readonly [how: string, skip: boolean, share: () => Promise<void>])[] = [
  ["can be written by every user", process.getuid === undefined, () => chmod(path, 0o666)],
  ["belongs to another user (12345)", process.getuid?.() !== 0, () => chown(path, 12_345, 12_345)],
];

describe.each(makeShared)("a file that %s", (reason, isSkipped, share) => {
  it.skipIf(isSkipped)("is not read, and its hashes are not believed", async () => {
    expect(Object.keys(await readHashCache(folder))).toEqual(["/model.pth"]);
    expect(await readOwnFile(path)).toContain("model.pth");
    await share();
    expect(whyShared(await stat(path))).toBe(reason);
    await expect(readOwnFile(path)).rejects.toThrow(reason);
    expect(await readHashCache(folder)).toEqual({});
  });
});
