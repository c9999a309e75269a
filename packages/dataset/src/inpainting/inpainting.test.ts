import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import { decodeLabelPng } from "../masks/node-decode-label-png.js";
import { drawMask, exampleMasks, makeAnnotation, makeImage } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { inpaintingMask } from "./inpainting-mask.js";
import { writeInpainting } from "./write-inpainting.js";

const dot = drawMask(".....", ".....", "..#..", ".....", ".....");

describe("an inpainting mask", () => {
  it("is white inside and black outside", () => {
    expect([...inpaintingMask(dot)]).toEqual([...dot.data].map((value) => value * 255));
  });

  it("widens by whole discs: radius 1 is a cross, 1.5 a square", () => {
    const cross = drawMask(".....", "..#..", ".###.", "..#..", ".....");
    const square = drawMask(".....", ".###.", ".###.", ".###.", ".....");
    expect([...inpaintingMask(dot, { dilatePx: 1 })]).toEqual([...cross.data].map((value) => value * 255));
    expect([...inpaintingMask(dot, { dilatePx: 1.5 })]).toEqual([...square.data].map((value) => value * 255));
    expect([...inpaintingMask(square, { dilatePx: -1 })]).toEqual([...dot.data].map((value) => value * 255));
  });

  it("takes in every pixel no further away than the radius", () => {
    const pixels = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(pixels, fc.integer({ min: 0, max: 8 }), (inside, quarter) => {
        const mask = { width: 6, height: 5, data: Uint8Array.from(inside, Number) };
        const radius = quarter / 2;
        const near = inside.map((_, i) =>
          inside.some(
            (other, j) =>
              other && Math.hypot((i % 6) - (j % 6), Math.floor(i / 6) - Math.floor(j / 6)) <= radius,
          ),
        );
        expect([...inpaintingMask(mask, { dilatePx: radius })]).toEqual(
          near.map((value) => (value ? 255 : 0)),
        );
      }),
    );
  });

  it("falls off evenly outside of the widened mask", () => {
    const row = drawMask("#.......");
    expect([...inpaintingMask(row, { dilatePx: 2, featherPx: 3 })]).toEqual([
      255, 255, 255, 191, 128, 64, 0, 0,
    ]);
  });

  it("refuses widths that are none", () => {
    for (const options of [{ dilatePx: Number.NaN }, { featherPx: -1 }, { dilatePx: 1e9 }])
      expect(() => inpaintingMask(dot, options)).toThrow(expect.objectContaining({ code: "option-invalid" }));
  });
});

describe("writing pairs", () => {
  const set = async () =>
    datasetFromRecords([
      {
        image: await makeImage(1, { fileName: "a/one.png" }),
        annotations: [
          makeAnnotation(exampleMasks.ring),
          makeAnnotation(drawMask("......", "......", "......", "......", "......")),
          makeAnnotation(exampleMasks.bar),
        ],
      },
      {
        image: { id: 2, fileName: "gone.png", width: 6, height: 5 },
        annotations: [makeAnnotation(exampleMasks.bar)],
      },
    ]);

  it("writes image and grey mask of one size, in each layout, and leaves out what has no pixels or file", async () => {
    const names = {
      pairs: ["a/one/0/image.png", "a/one/0/mask.png", "a/one/2/image.png", "a/one/2/mask.png"],
      folders: ["images/a/one-0.png", "images/a/one-2.png", "masks/a/one-0.png", "masks/a/one-2.png"],
      lama: ["a/one-0.png", "a/one-0_mask.png", "a/one-2.png", "a/one-2_mask.png"],
    };
    for (const layout of ["pairs", "folders", "lama"] as const) {
      const path = join(await makeTemporaryFolder(), "out");
      expect(await writeInpainting(await set(), path, { layout })).toEqual({
        images: 1,
        pairs: 2,
        bareBoxes: 0,
        missingFiles: 1,
        unreadableFiles: 0,
        renamed: [],
      });
      const files = (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".png"));
      expect(files.sort()).toEqual(names[layout]);
    }
  });

  it("the mask's PNG holds the mask's pixels", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    await writeInpainting(await set(), path);
    const { width, height, data } = decodeLabelPng(
      await readFile(join(path, "a/one/0/mask.png")),
      "mask.png",
    );
    expect([width, height]).toEqual([6, 5]);
    expect([...data]).toEqual([...exampleMasks.ring.data].map((value) => value * 255));
  });

  it("refuses an image of another size than its masks, unsafe names and folders that are not empty", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    const wrong = await makeImage(1, { width: 9 });
    const image = { ...wrong, width: 6 };
    const records = [{ image, annotations: [makeAnnotation(exampleMasks.bar)] }];
    await expect(writeInpainting(datasetFromRecords(records), path)).rejects.toMatchObject({
      code: "annotation-invalid",
    });
    const unsafe = datasetFromRecords([
      { image: await makeImage(1, { fileName: "../x.png" }), annotations: [] },
    ]);
    await expect(writeInpainting(unsafe, `${path}2`)).rejects.toMatchObject({ code: "name-unsafe" });
    await writeInpainting(await set(), `${path}3`);
    await expect(writeInpainting(await set(), `${path}3`)).rejects.toMatchObject({ code: "output-exists" });
  });
});
