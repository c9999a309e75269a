import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { unpackZip } from "./unpack-zip.js";
import { zipFolder } from "./zip-folder.js";
import { centralHeader, endRecords, readCentralHeader, type ZipEntry } from "./zip-records.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-zip-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "annotations/instances.json": JSON.stringify({ images: Array.from({ length: 9999 }, (_, i) => i) }),
  "images/ä b.png": Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) & 255),
  "images/none.png": "",
  "none.txt": "",
};

async function zipFiles(files = FILES): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(root, "set", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const zip = join(root, "set.zip");
  expect(await zipFolder(join(root, "set"), zip)).toBe((await readFile(zip)).length);
  return zip;
}

const unpack = async (zip: string, maxBytes = 10_000_000) => {
  const folder = join(root, "out");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await unpackZip(zip, folder, { maxBytes });
  return folder;
};

test("files come out as they went in, and the same files give the same bytes", async () => {
  const zip = await zipFiles();
  const hash = async () =>
    createHash("sha256")
      .update(await readFile(zip))
      .digest("hex");
  const before = await hash();
  const folder = await unpack(zip);
  for (const [name, bytes] of Object.entries(FILES))
    expect((await readFile(join(folder, name))).equals(Buffer.from(bytes as string)), name).toBe(true);
  await zipFiles();
  expect(await hash()).toBe(before);
});

test("another program reads it", async () => {
  const zip = await zipFiles();
  const read = unzipSync(await readFile(zip));
  expect(Object.keys(read)).toEqual(Object.keys(FILES).sort());
  expect(Buffer.from(read["none.txt"]!)).toHaveLength(0);
  expect(Buffer.from(read["images/ä b.png"]!).equals(FILES["images/ä b.png"] as Buffer)).toBe(true);
});

test("large numbers are written in 64 bits, and read", () => {
  const large: ZipEntry = {
    ...{ name: Buffer.from("a"), offset: 5e9, isPacked: false, crc: 7, bytes: 6e9, packedBytes: 9 },
    isLarge: true,
  };
  const { entry } = readCentralHeader(centralHeader(large), 0)!;
  expect(entry).toMatchObject({ name: "a", offset: 5e9, bytes: 6e9, packedBytes: 9, crc: 7 });
  expect(endRecords(70_000, 1, 1).readBigUInt64LE(24)).toBe(70_000n);
  expect(endRecords(7, 1, 1)).toHaveLength(22);
});

/** Replaces a name in the archive's headers by another of the same length. */
async function rename(zip: string, from: string, to: string): Promise<void> {
  const bytes = await readFile(zip);
  await writeFile(zip, Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1"));
}

test.each(["../xxx.txt", "/yy/xx.txt", "a/../x.txt", "..\\xxx.txt", "c:/xxx.txt"])(
  'the name "%s" leads nowhere',
  async (name) => {
    const zip = await zipFiles({ "aaaaaa.txt": "x" });
    await rename(zip, "aaaaaa.txt", name);
    await expect(unpack(zip)).rejects.toMatchObject({ code: "body-invalid" });
    expect((await readdir(root)).sort()).toEqual(["out", "set", "set.zip"]);
  },
);

test("no more is unpacked than is allowed, whatever the file claims", async () => {
  const zip = await zipFiles({ "a.txt": "0".repeat(1_000_000) });
  await expect(unpack(zip, 999_999)).rejects.toMatchObject({ code: "payload-too-large" });
  const bytes = await readFile(zip);
  const directory = bytes.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  bytes.writeUInt32LE(5, directory + 24); // five bytes, it says
  await writeFile(zip, bytes);
  await expect(unpack(zip, 999_999)).rejects.toMatchObject({ code: "payload-too-large" });
  await expect(unpack(zip)).rejects.toMatchObject({ code: "body-invalid" });
});

test("damaged files are refused, wherever the damage is", async () => {
  const zip = await zipFiles();
  const whole = await readFile(zip);
  for (let at = 0; at < whole.length; at += 997) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
    await writeFile(zip, bytes);
    // What a time or an attribute says is not looked at.
    await unpack(zip).catch((error) =>
      expect(["body-invalid", "payload-too-large"], `${at}: ${error}`).toContain(error.code),
    );
    await writeFile(zip, whole.subarray(0, at));
    await expect(unpack(zip), `cut at ${at}`).rejects.toMatchObject({ code: "body-invalid" });
  }
});
