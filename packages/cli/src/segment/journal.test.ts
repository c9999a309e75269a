import { mkdtemp, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InputImage } from "./inputs.js";
import { findDone, findSource, noteBegun, noteDone, ownNames, settingsHash } from "./journal.js";

const settings = settingsHash({ pointsPerSide: 32 });
let folder: string;
let input: InputImage;

/** A whole number: setting a time loses fractions of a millisecond. */
const TIME_S = 1e9;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-journal-"));
  input = { path: join(folder, "photo.jpg"), outputStem: "sub/photo" } as InputImage;
  await writeFile(input.path, "an image");
  await utimes(input.path, TIME_S, TIME_S);
  await writeFile(join(folder, "photo.json"), "masks");
  await noteDone(folder, input, { settings, masks: 3 }, ["photo.json"]);
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

async function editNote(edit: (text: string) => string): Promise<void> {
  const path = join(folder, ".segany/sub/photo.json");
  const before = await readFile(path, "utf8");
  const after = edit(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

describe("what has been done", () => {
  it("is known for the same image, settings and results", async () => {
    expect(await findDone(folder, input, settings)).toMatchObject({
      masks: 3,
      files: [{ name: "photo.json", size: 5 }],
    });
  });

  it.each<[string, () => Promise<unknown> | undefined, string?]>([
    ["other settings", () => undefined, settingsHash({ pointsPerSide: 16 })],
    ["an image of another size", () => writeFile(input.path, "another image")],
    ["an image that was touched", () => utimes(input.path, 1, 1)],
    ["a result of another size", () => writeFile(join(folder, "photo.json"), "other masks")],
    ["a result that is gone", () => rm(join(folder, "photo.json"))],
    ["a broken note", () => writeFile(join(folder, ".segany/sub/photo.json"), "{")],
    ["a result of the same size", () => writeFile(join(folder, "photo.json"), "garba")],
    [
      "a link to the result",
      async () => {
        await rename(join(folder, "photo.json"), join(folder, "moved.json"));
        await symlink("moved.json", join(folder, "photo.json"));
      },
    ],
    [
      "another image of the same size and time",
      async () => {
        await writeFile(input.path, "my image");
        await utimes(input.path, TIME_S, TIME_S);
      },
    ],
    ["a note with another count", () => editNote((text) => text.replace('"masks":3', '"masks":4'))],
    ["a note with more in it", () => editNote((text) => text.replace('"masks":3', '"masks":3,"coco":{}'))],
    ["a note without files", () => editNote((text) => text.replace(/"files":\[[^\]]*\]/, '"files":[]'))],
    ["a note without a hash", () => editNote((text) => text.replace(/,"sha256":"\w+"}$/, "}"))],
    ["a cut note", () => editNote((text) => text.slice(0, -20))],
    ["a note that is null", () => editNote(() => "null")],
  ])("is done again for %s", async (_, change, wanted = settings) => {
    await change();
    expect(await findDone(folder, input, wanted)).toBeUndefined();
  });

  it("is done again for an image that changes while it is segmented", async () => {
    const source = await findSource(input);
    await writeFile(input.path, "a newer image");
    await noteDone(folder, input, { settings, masks: 3 }, ["photo.json"], source);
    expect(await findDone(folder, input, settings)).toBeUndefined();
  });

  it("stays ours when the image is begun anew, and is not known as done", async () => {
    await noteBegun(folder, input, ["photo.json"]);
    await noteBegun(folder, input, ["photo.png"]);
    expect(await ownNames(folder, input)).toEqual(["photo.json", "photo.png"]);
    expect(await findDone(folder, input, settings)).toBeUndefined();
    await noteDone(folder, input, { settings, masks: 3 }, ["photo.json"]);
    expect(await findDone(folder, input, settings)).toMatchObject({ masks: 3 });
    expect(await ownNames(folder, input)).toEqual(["photo.json", "photo.png"]);
  });

  it("is not noted of an image that can't be read twice", async () => {
    const pipe = { path: "/dev/null", outputStem: "pipe" } as InputImage;
    await noteDone(folder, pipe, { settings, masks: 3 }, ["photo.json"]);
    expect(await findDone(folder, pipe, settings)).toBeUndefined();
  });
});
