/** Images as microscopes, satellites and scanners write them, through the command. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Rle, rleIou } from "@segany/masks";
import { loadSharp } from "@segany/sam";
import { beforeAll, describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const stillLife = join(import.meta.dirname, "../../../examples/still-life.jpg");
const pear = golden.predict.find(({ id }) => id === "point-pear")!;

let sharp: Awaited<ReturnType<typeof loadSharp>>;
let photo: { readonly data: Buffer; readonly info: { readonly width: number; readonly height: number } };
beforeAll(async () => {
  sharp = await loadSharp();
  photo = await sharp(stillLife).raw().toBuffer({ resolveWithObject: true });
});

/** IoU of the first mask of the pear with the golden. */
async function pearIou(...args: string[]): Promise<{ iou: number; notices: string[] }> {
  const { status, stdout, stderr } = await workplace.run(
    ...["predict", ...args, "--point", "610,430", "--no-picture", "--json"],
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const { output, notices = [] } = JSON.parse(stdout);
  const { masks } = JSON.parse(readFileSync(at(output), "utf8"));
  return { iou: rleIou([masks[0].segmentation], [pear.masks[0] as unknown as Rle])[0]!, notices };
}

describe("segany predict", () => {
  it("finds in counts of a camera what it finds in the photo, and says what it scaled", async () => {
    const { data, info } = photo;
    const counts = Uint16Array.from(data, (value) => 113 + Math.round((value * 321) / 255));
    const raw = { width: info.width, height: info.height, channels: 3 as const };
    await sharp(counts, { raw }).toColourspace("rgb16").png({ compressionLevel: 1 }).toFile(at("counts.png"));
    const scaled = await pearIou("counts.png");
    expect(scaled.iou).toBeGreaterThan(0.98);
    expect(scaled.notices).toEqual([expect.stringContaining("16-bit samples from 113 to 434 only")]);
    const black = await pearIou("counts.png", "--intensity", "full");
    expect(black.iou).toBeLessThan(0.5);
    expect((await pearIou("counts.png", "--intensity", "0,100")).iou).toBeGreaterThan(0.98);
  });

  it("reads the bands and the page that it is told", async () => {
    const { width, height } = photo.info;
    const swapped = await sharp(photo.data, { raw: { width, height, channels: 3 } }).recomb([
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    const black = Buffer.alloc(photo.data.length);
    const pages = Buffer.concat([black, await swapped.raw().toBuffer()]);
    await sharp(pages, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } })
      .tiff({ compression: "lzw" })
      .toFile(at("stack.tif"));
    const { iou, notices } = await pearIou("stack.tif", "--page", "2", "--bands", "3,2,1");
    expect(iou).toBeGreaterThan(0.98);
    expect(notices).toEqual([]);
    const first = await pearIou("stack.tif");
    expect(first.iou).toBeLessThan(0.5);
    expect(first.notices).toEqual([expect.stringContaining("2 pages or frames; the first is read")]);
  });

  it.each([
    [["--intensity", "98,2"], "percentiles"],
    [["--intensity", "some"], "auto, full or 2,98"],
    [["--bands", "1,2"], "3,2,1"],
    [["--bands", "9"], "has no band 9: its bands are 1 to 3."],
    [["--page", "0"], "from 1 to"],
    [["--page", "2"], "has no page 2: its pages are 1."],
  ])("refuses %s", async (options, text) => {
    const { status, stderr } = await workplace.run("predict", "photo.jpg", "--point", "1,1", ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
  });
});

describe("segany segment", () => {
  it("says which images of a folder it doesn't read", async () => {
    writeFileSync(at("scan.heic"), "");
    writeFileSync(at("slide.dcm"), "");
    const { status, stderr } = await workplace.run(
      "segment",
      ".",
      "--shard",
      "1/9",
      "--points-per-side",
      "1",
    );
    expect(status).toBe(0);
    expect(stderr).toContain("Skipped: 2 image files of a format that is not read (.dcm, .heic)");
  });
});
