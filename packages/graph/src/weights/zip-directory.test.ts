import { describe, expect, it } from "vitest";
import { encodeTorchZip } from "../testing/write-torch-zip.js";
import { memoryByteSource } from "./byte-source.js";
import { locateZipEntry, readZipDirectory } from "./zip-directory.js";

const values = Float32Array.of(1.5, -2);
const archive = (): Uint8Array<ArrayBuffer> =>
  encodeTorchZip([{ key: "w", shape: [2], values: () => values }]);
const read = (bytes: Uint8Array) => readZipDirectory(memoryByteSource(bytes));
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Offset of the `nth` place where a record's signature stands. */
function find(bytes: Uint8Array, signature: number, nth = 0): number {
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view(bytes).getUint32(at, true) === signature && nth-- === 0) return at;
  }
  throw new Error("no such record");
}

describe("a Zip64 archive as PyTorch writes it", () => {
  it("lists its entries and finds their bytes behind the padded local header, at a multiple of 64", async () => {
    const source = memoryByteSource(archive());
    const entries = await readZipDirectory(source);
    expect([...entries.keys()]).toEqual(["archive/data.pkl", "archive/data/0", "archive/version"]);
    const offset = await locateZipEntry(source, entries.get("archive/data/0")!);
    expect(offset % 64).toBe(0);
    expect([...new Float32Array((await source.read(offset, 8)).buffer)]).toEqual([...values]);
  });

  it("may be followed by a comment", async () => {
    const bytes = archive();
    const withComment = new Uint8Array(bytes.length + 3);
    withComment.set(bytes);
    view(withComment).setUint16(bytes.length - 2, 3, true);
    expect((await read(withComment)).size).toBe(3);
  });
});

describe("damaged archives", () => {
  const central = 0x02014b50;
  const damages: [what: string, damage: (bytes: Uint8Array) => void][] = [
    [
      "an end record that points outside",
      (b) => view(b).setBigUint64(find(b, 0x06064b50) + 48, 1n << 40n, true),
    ],
    ["a size beyond 2^53", (b) => view(b).setBigUint64(find(b, 0x06064b50) + 40, 1n << 60n, true)],
    ["a million entries", (b) => view(b).setBigUint64(find(b, 0x06064b50) + 32, 1_000_000n, true)],
    ["a locator that points elsewhere", (b) => view(b).setBigUint64(find(b, 0x07064b50) + 8, 0n, true)],
    ["a directory with a broken entry", (b) => view(b).setUint32(find(b, central, 1), 0, true)],
    ["an entry whose name runs out", (b) => view(b).setUint16(find(b, central, 2) + 28, 60_000, true)],
    ["an entry without its Zip64 sizes", (b) => view(b).setUint16(find(b, central) + 46 + 16, 2, true)],
  ];
  for (const [what, damage] of damages) {
    it(`refuses ${what}`, async () => {
      const bytes = archive();
      damage(bytes);
      await expect(read(bytes)).rejects.toMatchObject({ code: "checkpoint-invalid" });
    });
  }

  it("refuses two entries of one name", async () => {
    const two = encodeTorchZip(["a", "b"].map((key) => ({ key, shape: [2], values: () => values })));
    two.copyWithin(find(two, central, 2) + 46, find(two, central, 1) + 46, find(two, central, 1) + 60);
    await expect(read(two)).rejects.toMatchObject({ code: "checkpoint-invalid", message: /two entries/ });
  });

  it("refuses compressed entries, entries without a header and entries beyond the end", async () => {
    const source = memoryByteSource(archive());
    const entry = (await readZipDirectory(source)).get("archive/data/0")!;
    const locate = (change: object) => locateZipEntry(source, { ...entry, ...change });
    await expect(locate({ method: 8 })).rejects.toMatchObject({ code: "checkpoint-unsupported" });
    await expect(locate({ compressedSize: 3 })).rejects.toMatchObject({ code: "checkpoint-invalid" });
    await expect(locate({ localHeaderOffset: 1 })).rejects.toMatchObject({ code: "checkpoint-invalid" });
    await expect(locate({ localHeaderOffset: 1e9 })).rejects.toMatchObject({ code: "checkpoint-invalid" });
    await expect(locate({ size: 1e9, compressedSize: 1e9 })).rejects.toMatchObject({
      code: "checkpoint-invalid",
    });
  });
});
