import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readImage } from "./node-images.js";
import { encodeMaskPng, encodePng } from "./node-png.js";

describe("encodePng", () => {
  it("is read back to the level, alpha and hidden colours included", async () => {
    const image = { width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 0, 250, 251, 252, 99) };
    expect(await readImage(await encodePng(image))).toEqual(image);
  });

  it("leaves out alpha when all is opaque", async () => {
    const png = await encodePng({ width: 1, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 255) });
    expect(await sharp(png).metadata()).toMatchObject({ format: "png", channels: 3 });
  });

  it("refuses data of another size", async () => {
    const image = { width: 2, height: 2, data: new Uint8ClampedArray(4) };
    await expect(encodePng(image)).rejects.toMatchObject({ code: "image-unreadable" });
  });
});

describe("encodeMaskPng", () => {
  it("writes one grey channel of 0 and 255", async () => {
    const png = await encodeMaskPng({ width: 3, height: 1, data: Uint8Array.of(0, 1, 0) });
    expect(await sharp(png).metadata()).toMatchObject({ channels: 1, space: "b-w", depth: "uchar" });
    expect([...(await sharp(png).toColourspace("b-w").raw().toBuffer())]).toEqual([0, 255, 0]);
  });
});
