import { mkdir, readdir, readFile, readlink, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../record.js";
import { drawMask, makeAnnotation, makeImage } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import type { WriteOptions } from "./format.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { datasetFormats } from "./node-registry.js";
import { writeSa1b } from "./sa1b/node-write-sa1b.js";

const MASKS = [
  drawMask("###...", "#.#...", "###...", "......", "......"),
  drawMask("....##", "....##", "......", "....##", "....##"),
];

async function makeSet(images = 3): Promise<Dataset> {
  const records = Array.from({ length: images }, async (_, i) => ({
    image: await makeImage(i + 1, { fileName: `sub/${i + 1}.png` }),
    annotations: MASKS.map((mask, m) => makeAnnotation(mask, { id: 10 * i + m + 1, categoryId: m + 1 })),
  }));
  const categories = ["cat", "dog"].map((name, i) => ({ id: i + 1, name }));
  return datasetFromRecords(await Promise.all(records), { categories });
}

/** Writes until two images are done, and stops as Ctrl-C does. */
async function beginWriting(
  write: (dataset: Dataset, options: WriteOptions) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const onProgress = ({ images }: { images: number }) => images === 2 && controller.abort();
  const stopped = write(await makeSet(), { signal: controller.signal, onProgress });
  await expect(stopped).rejects.toMatchObject({ code: "aborted" });
}

/** Files by name, without those that are hidden; links as where they lead. */
async function filesOf(path: string): Promise<Map<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const name = file.slice(path.length + 1);
    if (name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) files.set(name, `→ ${await readlink(file)}`);
    else if (entry.isFile()) files.set(name, (await readFile(file)).toString("base64"));
  }
  return files;
}

const DAMAGES: readonly (readonly [how: string, damage: (path: string, decoy: string) => Promise<void>])[] = [
  ["emptied", (path) => truncate(path, 0)],
  ["cut", async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
  ["garbage of the same size", async (path) => writeFile(path, Buffer.alloc((await stat(path)).size, 0x2e))],
  [
    "a link to the same bytes",
    async (path, decoy) => {
      await writeFile(decoy, await readFile(path));
      await rm(path);
      await symlink(decoy, path);
    },
  ],
];

describe.each(datasetFormats)("resume of $name", (format) => {
  const open = async () => join(await makeTemporaryFolder(), "out");

  it.each(DAMAGES)("makes files of an unfinished run anew: %s", async (_, damage) => {
    const [whole, path] = [await open(), await open()];
    await format.write(await makeSet(), whole);
    await beginWriting((dataset, options) => format.write(dataset, path, options));
    const begun = [...(await filesOf(path)).keys()];
    expect(begun.length).toBeGreaterThan(0);
    const decoys = await makeTemporaryFolder();
    for (const [i, name] of begun.entries()) await damage(join(path, name), join(decoys, `${i}`));
    const before = await filesOf(decoys);
    await writeFile(join(path, ".01234567-89ab-cdef-0123-456789abcdef.tmp"), "left by a kill");
    await format.write(await makeSet(), path, { resume: true });
    expect(await filesOf(path)).toEqual(await filesOf(whole));
    expect(await filesOf(decoys)).toEqual(before);
    expect((await readdir(path)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("keeps every file of a finished output that is as it should be", async () => {
    const path = await open();
    await format.write(await makeSet(), path);
    const timesOf = async () => {
      const names = [...(await filesOf(path)).keys()];
      return Promise.all(names.map(async (name) => (await stat(join(path, name), { bigint: true })).mtimeNs));
    };
    const before = await timesOf();
    await format.write(await makeSet(), path, { resume: true });
    expect(await timesOf()).toEqual(before);
  });

  it.each(DAMAGES)("neither takes nor touches other files in a finished output: %s", async (_, damage) => {
    const path = await open();
    await format.write(await makeSet(), path);
    const decoy = join(await makeTemporaryFolder(), "decoy");
    for (const name of (await filesOf(path)).keys()) {
      const bytes = await readFile(join(path, name));
      await damage(join(path, name), decoy);
      const before = await filesOf(path);
      await expect(format.write(await makeSet(), path, { resume: true })).rejects.toMatchObject({
        code: "output-exists",
        message: expect.stringContaining(name),
      });
      expect(await filesOf(path)).toEqual(before);
      await rm(join(path, name));
      await writeFile(join(path, name), bytes);
    }
  });

  it("refuses to go on with other settings", async () => {
    const path = await open();
    await beginWriting((dataset, options) => format.write(dataset, path, options));
    const before = await filesOf(path);
    await expect(format.write(await makeSet(), path, { resume: true, images: "none" })).rejects.toMatchObject(
      { code: "output-exists", message: expect.stringContaining("other settings") },
    );
    expect(await filesOf(path)).toEqual(before);
  });

  it("writes nothing through a link to a folder", async () => {
    const whole = await open();
    await format.write(await makeSet(), whole);
    const folders = (await readdir(whole, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    for (const folder of folders) {
      const name = join(folder.parentPath, folder.name).slice(whole.length + 1);
      const [path, outside] = [await open(), await makeTemporaryFolder()];
      await mkdir(join(path, name, ".."), { recursive: true });
      await symlink(outside, join(path, name));
      await expect(format.write(await makeSet(), path, { resume: true })).rejects.toMatchObject({
        code: "file-unwritable",
        message: expect.stringContaining("is a link"),
      });
      expect(await readdir(outside)).toEqual([]);
    }
  });
});

describe("resume of SA-1B shards", () => {
  const options = { shardSizeBytes: 4000 };

  it.each([
    ["emptied", DAMAGES[0]![1]],
    ["cut", DAMAGES[1]![1]],
    ["garbage", DAMAGES[2]![1]],
    [
      "one byte of an image",
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[bytes.indexOf("IDAT") + 6]! ^= 1;
        await writeFile(path, bytes);
      },
    ],
  ])("refuses a finished shard that is damaged, and leaves it: %s", async (_, damage) => {
    const path = join(await makeTemporaryFolder(), "out");
    await writeSa1b(await makeSet(6), path, options);
    await damage(join(path, "sa_000001.tar"), "");
    const before = await filesOf(path);
    await expect(writeSa1b(await makeSet(6), path, { ...options, resume: true })).rejects.toMatchObject({
      code: expect.stringMatching(/^(output-exists|tar-invalid)$/),
      message: expect.stringMatching(/sa_000001\.tar|finished shards/),
    });
    expect(await filesOf(path)).toEqual(before);
  });

  it("replaces a link at the place of the next shard, and follows none", async () => {
    const [whole, path, outside] = [
      await makeTemporaryFolder(),
      await makeTemporaryFolder(),
      await makeTemporaryFolder(),
    ];
    await writeSa1b(await makeSet(6), join(whole, "out"), options);
    const target = join(path, "out");
    await mkdir(target);
    await writeFile(join(outside, "precious"), "mine");
    await symlink(join(outside, "precious"), join(target, "sa_000000.tar.part"));
    await symlink(join(outside, "new"), join(target, "sa_000000.tar"));
    await rm(join(target, "sa_000000.tar"));
    await writeSa1b(await makeSet(6), target, { ...options, resume: true });
    expect(await filesOf(outside)).toEqual(new Map([["precious", Buffer.from("mine").toString("base64")]]));
    const files = await filesOf(target);
    files.delete("sa_000000.tar.part");
    expect(files).toEqual(await filesOf(join(whole, "out")));
  });
});
