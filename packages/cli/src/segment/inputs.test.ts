import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findImages } from "../serve/find-images.js";
import { collectInputs } from "./inputs.js";

const home = mkdtempSync(join(tmpdir(), "segany-inputs-"));
const photos = join(home, "photos");
beforeAll(() => {
  mkdirSync(join(photos, "sub"), { recursive: true });
  mkdirSync(join(home, "disk"));
  for (const name of [
    "photos/a.jpg",
    "photos/._a.jpg",
    "photos/notes.txt",
    "photos/sub/b.png",
    "disk/c.webp",
  ])
    writeFileSync(join(home, name), "");
  symlinkSync(join(home, "disk"), join(photos, "linked"));
  symlinkSync(join(home, "disk/c.webp"), join(photos, "d.webp"));
  symlinkSync(join(home, "gone.jpg"), join(photos, "dangling.jpg"));
  symlinkSync(photos, join(photos, "sub/up"));
});
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));

describe("images of a folder", () => {
  it("are its own, also where they are links, without hidden ones", async () => {
    const { images: inputs } = await collectInputs([photos], false);
    expect(inputs.map(({ outputStem }) => outputStem)).toEqual(["a", "d"]);
  });

  it("are those of linked folders too when asked for, and circles end", async () => {
    const { images: inputs } = await collectInputs([photos], true);
    expect(inputs.map(({ outputStem }) => outputStem)).toEqual(["a", "d", "linked/c", "sub/b"]);
  });

  it("are the same for a server that imports them", async () => {
    const found = ["a.jpg", "d.webp", "linked/c.webp", "sub/b.png"];
    expect(await findImages(photos)).toEqual(found.map((name) => join(photos, name)));
  });
});

it("numbers images so that a hundred thousand masks of each have numbers of their own", async () => {
  const names = ["sa_1", "9999999999", "99999999999", "202401311234", "999999999999", "x"];
  for (const name of names) writeFileSync(join(home, `${name}.tif`), "");
  const { images: inputs } = await collectInputs(
    names.map((name) => join(home, `${name}.tif`)),
    false,
  );
  for (const { imageId } of inputs) expect(Number.isSafeInteger((imageId + 1) * 100_000)).toBe(true);
  expect(new Set(inputs.map(({ imageId }) => imageId)).size).toBe(names.length);
  expect(inputs.find(({ outputStem }) => outputStem === "9999999999")!.imageId).toBe(9_999_999_999);
});
