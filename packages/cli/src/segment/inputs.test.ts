import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
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

describe("a pattern", () => {
  const stems = async (...patterns: string[]) => {
    const paths = patterns.map((pattern) => join(home, pattern));
    return (await collectInputs(paths, false)).images.map(({ outputStem }) => outputStem);
  };
  beforeAll(() => {
    mkdirSync(join(home, "rolls/old"), { recursive: true });
    for (const name of ["c.jpg", "a.jpg", "b.JPG", "b.png", ".hidden.jpg", "scan.dat", "[2024].jpg"])
      writeFileSync(join(home, "rolls", name), "");
    writeFileSync(join(home, "rolls/old/z.jpg"), "");
  });

  it("stands for the files that a shell would find, sorted, without hidden ones and folders", async () => {
    expect(await stems("rolls/*.jpg")).toEqual(["[2024]", "a", "c"]);
    expect(await stems("rolls/**/?.jpg")).toEqual(["a", "c", "old/z"]);
    expect(await stems("rolls/*/z.jpg")).toEqual(["old/z"]);
    expect(await stems("rolls/{b,c}.{png,jpg}")).toEqual(["b", "c"]);
    expect(await stems("rolls/[ab].jpg", "rolls/a.jpg")).toEqual(["a"]);
    expect(await stems("rolls/*.dat")).toEqual(["scan"]);
  });

  it("follows links as folders are walked, and circles end", async () => {
    expect(await stems("photos/**/*.{jpg,png,webp}")).toEqual(["a", "d", "linked/c", "sub/b"]);
    expect(await stems("photos/linked/*")).toEqual(["c"]);
  });

  it("is a file's name where there is such a file", async () => {
    expect(await stems("rolls/[2024].jpg")).toEqual(["[2024]"]);
  });

  it("is relative to the working folder, as paths are", async () => {
    const pattern = join(relative(process.cwd(), home), "rolls", "?.jpg");
    const { images } = await collectInputs([pattern], false);
    expect(images.map(({ path }) => resolve(path))).toEqual(
      ["a", "c"].map((name) => join(home, `rolls/${name}.jpg`)),
    );
  });

  it("that matches nothing is named, and so is a file that is not there", async () => {
    await expect(stems("rolls/*.webp")).rejects.toThrow(/^No file matches .*\*\.webp\.$/);
    await expect(stems("rolls/none.jpg")).rejects.toMatchObject({ code: "file-unreadable" });
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
