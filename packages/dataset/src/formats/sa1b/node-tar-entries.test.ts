import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBytes } from "../../files/files.js";
import { makeTar, type TarPart, writeTar } from "../../testing/make-tar.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";
import { readTarEntries, type TarEntry } from "./node-tar-entries.js";

async function list(path: string, signal?: AbortSignal): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of readTarEntries(path, { signal })) entries.push(entry);
  return entries;
}

test("entries lie where they are said to, with long names and folders between them", async () => {
  const path = join(await makeTemporaryFolder(), "x.tar");
  const longName = `${"folder/".repeat(30)}name.json`;
  await writeTar(path, [
    { name: "./", type: "directory" },
    { name: "./a.json", bytes: "first" },
    { name: "folder/", type: "directory" },
    { name: longName, bytes: "s".repeat(1000) },
    { name: "empty.jpg", bytes: "" },
  ]);
  const entries = await list(path);
  expect(entries.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ["a.json", 5],
    [longName, 1000],
    ["empty.jpg", 0],
  ]);
  expect(Buffer.from(await readBytes(path, entries[0])).toString()).toBe("first");
  expect(Buffer.from(await readBytes(path, entries[1])).toString()).toBe("s".repeat(1000));
});

const hostile: [string, TarPart, string][] = [
  ["a name that leads out of the folder", { name: "../../evil.json", bytes: "{}" }, "name-unsafe"],
  ["an absolute name", { name: "/etc/evil.json", bytes: "{}" }, "name-unsafe"],
  ["a drive letter", { name: "C:\\evil.json", bytes: "{}" }, "name-unsafe"],
  ["a folder outside", { name: "../evil/", type: "directory" }, "name-unsafe"],
  ["a symbolic link", { name: "a.json", type: "symlink", linkname: "/etc/passwd" }, "tar-invalid"],
  ["a hard link", { name: "a.json", type: "link", linkname: "b.json" }, "tar-invalid"],
  ["a device", { name: "a.json", type: "character-device", devmajor: 1, devminor: 5 }, "tar-invalid"],
  ["a pipe", { name: "a.json", type: "fifo" }, "tar-invalid"],
];

test.each(hostile)("refuses %s and writes nothing", async (_, part, code) => {
  const folder = await makeTemporaryFolder();
  await writeTar(join(folder, "x.tar"), [{ name: "first.json", bytes: "{}" }, part]);
  await expect(list(join(folder, "x.tar"))).rejects.toMatchObject({ name: "DatasetError", code });
  expect(await readdir(folder)).toEqual(["x.tar"]);
});

test.each([
  ["is cut off in an entry", (tar: Buffer) => tar.subarray(0, 700)],
  ["is no tar", () => Buffer.alloc(4096, "not a tar ")],
  ["has a damaged header", (tar: Buffer) => tar.fill(0x41, 100, 110)],
  ["claims an entry of a terabyte", (tar: Buffer) => withSize(tar, 2 ** 40)],
  ["claims a negative size", (tar: Buffer) => withSize(tar, -5)],
])("refuses a file that %s", async (_, damage) => {
  const path = join(await makeTemporaryFolder(), "x.tar");
  await writeFile(path, damage(await makeTar([{ name: "a.json", bytes: "x".repeat(600) }])));
  await expect(list(path)).rejects.toMatchObject({ name: "DatasetError", code: "tar-invalid" });
});

/** Sets the size in the first header, in tar's binary form, and its checksum. */
function withSize(tar: Buffer, sizeBytes: number): Buffer {
  tar.fill(sizeBytes < 0 ? 0xff : 0, 124, 136);
  tar[124] = sizeBytes < 0 ? 0xff : 0x80;
  tar.writeBigInt64BE(BigInt(sizeBytes), 128);
  tar.fill(" ", 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return tar;
}

test("stops when it is cancelled", async () => {
  const path = join(await makeTemporaryFolder(), "x.tar");
  await writeTar(path, [{ name: "a.json", bytes: "{}" }]);
  await expect(list(path, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
});
