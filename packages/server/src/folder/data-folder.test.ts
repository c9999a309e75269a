import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderState, makeTree } from "../../../../scripts/testing/folder-state.mjs";
import { openLocalBlobStore } from "../blobs/local-blob-store.js";
import { openServerEmbeddingCache } from "../embeddings/embedding-cache.js";
import { openLocalImageStore } from "../images/local-image-store.js";
import { IMAGE_ID, JOB_ID, jobRecord, storedImage } from "../testing/records.js";
import { openDataFolder } from "./data-folder.js";
import { MARKER_NAME } from "./marker.js";

const ADDRESS = "http://127.0.0.1:8765/";
const UUID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const EMBEDDINGS = "embeddings/0123456789abcdef-fp32";
const RECORD = `images/${IMAGE_ID}/image.json`;
const MARKER = JSON.stringify({ format: "segany-data", version: 1 });

/**
 * What the versions without a marker left behind, an upload that was cut off and a half-written file
 * included.
 */
const EARLIER: Readonly<Record<string, string>> = {
  [`images/${IMAGE_ID}/file`]: "data",
  [`images/${IMAGE_ID}/thumbnail.webp`]: "webp",
  [RECORD]: JSON.stringify(storedImage()),
  [`images/${IMAGE_ID}/masks.json`]: "{}",
  [`images/${"c3".repeat(32)}/file`]: "cut off",
  [`${EMBEDDINGS}/${IMAGE_ID}.safetensors`]: "full",
  [`${EMBEDDINGS}/${IMAGE_ID}.f16`]: "half",
  [`${EMBEDDINGS}/${IMAGE_ID}.json`]: "{}",
  "classes.json": "{}",
  [`jobs/${JOB_ID}/job.json`]: JSON.stringify(jobRecord()),
  [`jobs/${JOB_ID}/masks.json`]: "{}",
  [`tmp/${UUID}`]: "half",
  [`tmp/${UUID}.safetensors`]: "half",
};

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-folder-"));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

/** Opens it as a server does, with all that is cleared away then. */
async function serve(path: string): Promise<void> {
  const folder = await openDataFolder(path, ADDRESS);
  const blobs = await openLocalBlobStore(folder);
  await openLocalImageStore(blobs, () => undefined);
  await openServerEmbeddingCache(blobs, EMBEDDINGS, 1e9);
  await folder.close();
}

describe("a folder that is ours", () => {
  test.each([
    ["is not there", "new/inner", {}],
    ["is empty", "empty", {}],
    ["has only what systems put there", "seen", { ".DS_Store": "x", "lost+found/": "" }],
    ["has only our empty folders, of a version without marker", "unused", { "tmp/": "", "images/": "" }],
  ])("%s: it gets a marker, and is ours from then on", async (_name, name, tree: Record<string, string>) => {
    const path = join(root, name);
    if (name !== "new/inner") makeTree(path, tree);
    await serve(path);
    expect(JSON.parse(readFileSync(join(path, MARKER_NAME), "utf8"))).toMatchObject(JSON.parse(MARKER));
    makeTree(path, { [`images/${IMAGE_ID}/notes.txt`]: "mine" });
    await serve(path);
    expect(readFileSync(join(path, `images/${IMAGE_ID}/notes.txt`), "utf8")).toBe("mine");
  });

  test("of a version without marker keeps all but what a crash left", async () => {
    makeTree(root, EARLIER);
    await serve(root);
    for (const [path, text] of Object.entries(EARLIER)) {
      const isLeftover = path.startsWith("tmp/") || path.includes("c3c3");
      if (isLeftover) expect(() => readFileSync(join(root, path)), path).toThrow();
      else expect(readFileSync(join(root, path), "utf8"), path).toBe(text);
    }
  });

  test("whose server was killed before it wrote the marker's text is taken", async () => {
    makeTree(root, { [MARKER_NAME]: "" });
    await serve(root);
    expect(readFileSync(join(root, MARKER_NAME), "utf8")).toContain("segany-data");
  });

  test("keeps everything in it that has not the name of something we make", async () => {
    const strange = {
      "tmp/report.pdf": "mine",
      [`tmp/${UUID}/`]: "",
      [`tmp/x${UUID}`]: "mine",
      "images/train/cat.jpg": "mine",
      [`images/${"c3".repeat(32)}/cat.jpg`]: "mine",
      [`images/${"c3".repeat(32)}/file.txt`]: "mine",
      [`images/${IMAGE_ID.toUpperCase()}/file`]: "mine",
      [`${EMBEDDINGS}/README.md`]: "mine",
      [`${EMBEDDINGS}/a.safetensors`]: "mine",
      "embeddings/notes.txt": "mine",
      "jobs/list.txt": "mine",
    };
    makeTree(root, { [MARKER_NAME]: MARKER, ...strange });
    const before = Object.keys(strange).map((path) => folderState(join(root, path)));
    await serve(root);
    expect(Object.keys(strange).map((path) => folderState(join(root, path)))).toEqual(before);
  });

  test.each([
    ["a file", "mine"],
    ["JSON of something else", '{"port": 80}'],
    ["a link to a file outside", "->../outside.json"],
    ["a link to nowhere", "->../nowhere.json"],
    ["a folder", { "a.txt": "mine" }],
  ])("leaves %s alone that is called as the note of a server", async (_what, content) => {
    const path = join(root, "data");
    const note = typeof content === "string" ? { "server.json": content } : { "server.json/a.txt": "mine" };
    makeTree(root, { "outside.json": "mine" });
    makeTree(path, { [MARKER_NAME]: MARKER, "tmp/": "", ...note });
    const before = folderState(root);
    await serve(path);
    expect(folderState(root)).toBe(before);
  });

  test("replaces the note of a server that was killed, and removes its own", async () => {
    makeTree(root, {
      [MARKER_NAME]: MARKER,
      "server.json": JSON.stringify({ address: "http://old/", pid: 1, host: "x" }),
    });
    const folder = await openDataFolder(root, ADDRESS);
    expect(readFileSync(join(root, "server.json"), "utf8")).toContain(ADDRESS);
    await folder.close();
    expect(() => readFileSync(join(root, "server.json"))).toThrow("ENOENT");
  });

  test("keeps an image whose record can't be read, and says so", async () => {
    const damaged = { [RECORD]: "{", [`images/${IMAGE_ID}/masks.json`]: "hours of work" };
    makeTree(root, { [MARKER_NAME]: MARKER, ...damaged });
    const folder = await openDataFolder(root, ADDRESS);
    const heard: string[] = [];
    await openLocalImageStore(await openLocalBlobStore(folder), (key) => heard.push(key));
    await folder.close();
    expect(heard).toEqual([RECORD]);
    for (const [path, text] of Object.entries(damaged))
      expect(readFileSync(join(root, path), "utf8")).toBe(text);
  });
});

describe("a folder that is not ours", () => {
  const foreign: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "a YOLO set": { "data.yaml": "names: [cat]", "images/train/a.jpg": "jpg", "labels/train/a.txt": "0 0 0" },
    "a YOLO set's images alone": { "images/train/a.jpg": "jpg" },
    "a home folder": { ".bashrc": "", "Documents/a.odt": "text", "tmp/draft.txt": "text", ".ssh/id": "key" },
    "a folder with tmp": { "tmp/a.txt": "text" },
    "a folder with files named by UUIDs in tmp": { [`tmp/${UUID}`]: "text" },
    "a folder with empty folders": { "a/": "" },
    "a dot file": { ".gitkeep": "" },
    "images by their hashes": { [`images/${IMAGE_ID}/file`]: "jpg" },
    "a record of another image": { [`images/${"c3".repeat(32)}/image.json`]: JSON.stringify(storedImage()) },
    "a record that is none": { [RECORD]: "{}" },
    "a data folder of ours inside": { [`data/${MARKER_NAME}`]: MARKER },
    "an earlier data folder and a note": { ...EARLIER, "notes.txt": "mine" },
    "an earlier data folder and an image in it": { ...EARLIER, [`images/${IMAGE_ID}/cat.jpg`]: "mine" },
    "an earlier data folder and a link": {
      ...EARLIER,
      [`images/${IMAGE_ID}/masks.json.old`]: "->/etc/passwd",
    },
    "a link where images would be": { images: "->/tmp" },
    "a marker of something else": { [MARKER_NAME]: '{"format": "other"}', "a.txt": "" },
    "a damaged marker": { [MARKER_NAME]: "{", "images/": "" },
    "an empty marker beside other things": { [MARKER_NAME]: "", "a.txt": "mine" },
    "a marker that is a link": { [MARKER_NAME]: "->elsewhere.json", "elsewhere.json": MARKER },
    "a marker that is a folder": { [`${MARKER_NAME}/`]: "" },
    "a marker, and a link where tmp would be": { [MARKER_NAME]: MARKER, tmp: "->/tmp" },
    "a marker, and a file where images would be": { [MARKER_NAME]: MARKER, images: "mine" },
    "a marker, and a link where an image would be": {
      [MARKER_NAME]: MARKER,
      [`images/${IMAGE_ID}`]: "->/tmp",
    },
    "a marker, and a link where embeddings would be": { [MARKER_NAME]: MARKER, [EMBEDDINGS]: "->/tmp" },
    "a marker, and a link where a job would be": { [MARKER_NAME]: MARKER, [`jobs/${JOB_ID}`]: "->/tmp" },
  };

  test.each(Object.entries(foreign))("%s is refused, and nothing of it is changed", async (_name, tree) => {
    const path = join(root, "folder");
    makeTree(path, tree);
    const before = folderState(path);
    await expect(serve(path)).rejects.toMatchObject({
      code: "folder-foreign",
      message: expect.stringMatching(/Nothing in it was changed. Choose a new or empty folder/),
    });
    expect(folderState(path)).toBe(before);
  });

  test("whatever it holds, without a record of ours it is never touched", async () => {
    const name = fc.constantFrom("images", "tmp", "jobs", "embeddings", "a", IMAGE_ID, JOB_ID, UUID, "file");
    const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(paths, async (parts) => {
        const path = join(root, String(number++));
        const files = [...new Set(parts.map((part) => part.join("/")))].sort();
        const leaves = files.filter((file) => !files.some((other) => other.startsWith(`${file}/`)));
        makeTree(path, Object.fromEntries(leaves.map((file) => [file, "mine"])));
        const before = folderState(path);
        await expect(serve(path)).rejects.toMatchObject({ code: "folder-foreign" });
        expect(folderState(path)).toBe(before);
      }),
    );
  });

  test("one of a newer version is refused by its number", async () => {
    makeTree(root, { [MARKER_NAME]: '{"format": "segany-data", "version": 7}' });
    const before = folderState(root);
    await expect(serve(root)).rejects.toMatchObject({
      code: "folder-unusable",
      message: /version 7.*Update/,
    });
    expect(folderState(root)).toBe(before);
  });

  test("a file is refused", async () => {
    const path = join(root, "file");
    writeFileSync(path, "mine");
    await expect(serve(path)).rejects.toMatchObject({
      code: "folder-unusable",
      message: /file of that name/,
    });
    await expect(serve(join(path, "inner"))).rejects.toMatchObject({ code: "folder-unusable" });
    expect(readFileSync(path, "utf8")).toBe("mine");
  });
});

describe("of two servers on one folder", () => {
  test("the second is refused by the name of the first, and has it when that one is closed", async () => {
    const first = await openDataFolder(root, ADDRESS);
    const before = folderState(root);
    await expect(openDataFolder(root, "http://b/")).rejects.toMatchObject({
      code: "folder-in-use",
      message: expect.stringContaining(`in use by ${ADDRESS} (process ${process.pid} on `),
    });
    expect(folderState(root)).toBe(before);
    await first.close();
    await (await openDataFolder(root, "http://b/")).close();
  });

  test("exactly one wins a new folder that both want at once", async () => {
    for (let round = 0; round < 20; round++) {
      const path = join(root, String(round));
      const both = await Promise.allSettled([1, 2, 3].map((n) => openDataFolder(path, `http://${n}/`)));
      const won = both.filter((result) => result.status === "fulfilled");
      expect(won).toHaveLength(1);
      for (const result of both)
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "folder-in-use" });
      await won[0]!.value.close();
    }
  });

  test("a note that is missing or damaged costs the name only", async () => {
    const first = await openDataFolder(root, ADDRESS);
    for (const spoil of [
      () => rmSync(join(root, "server.json")),
      () => writeFileSync(join(root, "server.json"), "{"),
    ]) {
      spoil();
      await expect(openDataFolder(root, "http://b/")).rejects.toThrow("in use by another process");
    }
    await first.close();
  });
});
