import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InputImage } from "./inputs.js";
import { findDone, noteDone, settingsHash } from "./journal.js";

const settings = settingsHash({ pointsPerSide: 32 });
let folder: string;
let input: InputImage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-journal-"));
  input = { path: join(folder, "photo.jpg"), outputStem: "sub/photo" } as InputImage;
  await writeFile(input.path, "a picture");
  await writeFile(join(folder, "photo.json"), "masks");
  await noteDone(folder, input, { settings, masks: 3 }, ["photo.json"]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what has been done", () => {
  it("is known for the same picture, settings and results", async () => {
    expect(await findDone(folder, input, settings)).toMatchObject({
      masks: 3,
      files: [{ name: "photo.json", size: 5 }],
    });
  });

  it.each<[string, () => Promise<unknown> | undefined, string?]>([
    ["other settings", () => undefined, settingsHash({ pointsPerSide: 16 })],
    ["a picture of another size", () => writeFile(input.path, "another picture")],
    ["a picture that was touched", () => utimes(input.path, 1, 1)],
    ["a result of another size", () => writeFile(join(folder, "photo.json"), "other masks")],
    ["a result that is gone", () => rm(join(folder, "photo.json"))],
    ["a broken note", () => writeFile(join(folder, ".segany/sub/photo.json"), "{")],
  ])("is done again for %s", async (_, change, wanted = settings) => {
    await change();
    expect(await findDone(folder, input, wanted)).toBeUndefined();
  });
});
