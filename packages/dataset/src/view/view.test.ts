import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeRle } from "@segany/masks";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import { exampleMasks, makeAnnotation, makeImage } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { writeContactSheet } from "./contact-sheet.js";
import { shrinkMask } from "./shrink-mask.js";

describe("shrinking a mask", () => {
  it("keeps the mask in its own size", () => {
    for (const mask of Object.values(exampleMasks)) expect(shrinkMask(encodeRle(mask), mask)).toEqual(mask);
  });

  it("takes the pixel in the middle of each block, and one pixel of a mask that meets none", () => {
    const pixels = fc.array(fc.boolean(), { minLength: 77, maxLength: 77 });
    const sides = fc.integer({ min: 1, max: 11 });
    fc.assert(
      fc.property(pixels, sides, sides, (inside, width, height) => {
        const mask = { width: 11, height: 7, data: Uint8Array.from(inside, Number) };
        const size = { width, height: Math.min(7, height) };
        const expected = Array.from({ length: size.width * size.height }, (_, i) => {
          const x = Math.floor((((i % size.width) + 0.5) * 11) / size.width);
          const y = Math.floor(((Math.floor(i / size.width) + 0.5) * 7) / size.height);
          return mask.data[y * 11 + x]!;
        });
        const { data } = shrinkMask(encodeRle(mask), size);
        if (expected.includes(1)) expect([...data]).toEqual(expected);
        else expect(data.reduce((sum, value) => sum + value, 0)).toBe(inside.includes(true) ? 1 : 0);
      }),
    );
  });
});

describe("a contact sheet", () => {
  const categories = [{ id: 1, name: '<img src="x" onerror="alert(1)">' }];
  const set = async (count: number) =>
    datasetFromRecords(
      await Promise.all(
        Array.from({ length: count }, async (_, i) => ({
          image: await makeImage(i + 1, { fileName: `a"'><b>${i}.png` }),
          annotations: [makeAnnotation(exampleMasks.bar, { categoryId: 1 })],
        })),
      ),
      { name: "set", categories },
    );
  const page = async (path: string, name: string) =>
    parseHTML(await readFile(join(path, name), "utf8")).document;

  it("has pages that name each other, with lazy thumbnails that are there", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    const report = await writeContactSheet(await set(7), path, { imagesPerPage: 3 });
    expect(report).toEqual({
      path: join(path, "index.html"),
      images: 7,
      pages: 3,
      missingFiles: 0,
      unreadableFiles: 0,
    });
    expect((await readdir(path)).sort()).toEqual(["index.html", "page-2.html", "page-3.html", "thumbnails"]);
    const [first, second, last] = await Promise.all(
      ["index.html", "page-2.html", "page-3.html"].map((name) => page(path, name)),
    );
    const links = (document: Document) =>
      [...document.querySelectorAll("nav a")].map((link) => link.getAttribute("href"));
    expect([first!, second!, last!].map(links)).toEqual([
      ["page-2.html"],
      ["index.html", "page-3.html"],
      ["page-2.html"],
    ]);
    const images = [...first!.querySelectorAll("figure img")];
    expect(images).toHaveLength(3);
    for (const image of images) {
      expect(image.getAttribute("loading")).toBe("lazy");
      const { width, height } = await sharp(join(path, image.getAttribute("data-plain")!)).metadata();
      expect([width, height]).toEqual([6, 5]);
      expect(await readFile(join(path, image.getAttribute("src")!))).not.toHaveLength(0);
    }
  });

  it("runs and shows nothing that names of files and classes try to bring in", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    await writeContactSheet(await set(1), path);
    const document = await page(path, "index.html");
    expect(document.querySelectorAll("[onerror], figcaption b b, figure > b")).toHaveLength(0);
    expect(document.querySelector("figcaption span")!.textContent).toBe(`a"'><b>0.png`);
    expect(document.querySelector("figcaption li")!.textContent).toBe('<img src="x" onerror="alert(1)">');
  });

  it("of no images is one page that says so; a limit and missing files are kept to", async () => {
    const folder = await makeTemporaryFolder();
    expect(await writeContactSheet(await set(0), join(folder, "a"))).toMatchObject({ images: 0, pages: 1 });
    expect(await writeContactSheet(await set(5), join(folder, "b"), { limit: 2 })).toMatchObject({
      images: 2,
      pages: 1,
    });
    const image = { id: 1, fileName: "gone.png", width: 60, height: 50 };
    const gone = datasetFromRecords([{ image, annotations: [] }]);
    const report = await writeContactSheet(gone, join(folder, "c"), { thumbnailPx: 30 });
    expect(report).toMatchObject({ images: 1, missingFiles: 1 });
    expect(await sharp(join(folder, "c/thumbnails/0/0.webp")).metadata()).toMatchObject({
      width: 30,
      height: 25,
    });
  });

  it("shows images that can't be read or are drawings as grey, and goes on", async () => {
    const files = [
      new Uint8Array([1, 2, 3]),
      new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="50"/>'),
    ];
    const records = await Promise.all(
      files.map(async (file, i) => ({
        image: await makeImage(i + 1, { open: async () => file }),
        annotations: [],
      })),
    );
    const path = join(await makeTemporaryFolder(), "out");
    const report = await writeContactSheet(datasetFromRecords(records), path);
    expect(report).toMatchObject({ images: 2, missingFiles: 0, unreadableFiles: 2 });
    expect((await page(path, "index.html")).querySelectorAll("figure")).toHaveLength(2);
    expect(await readFile(join(path, "index.html"), "utf8")).toContain("file can't be read");
  });

  it("refuses pages of no images", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    await expect(writeContactSheet(await set(1), path, { imagesPerPage: 0 })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });
});
