import { join } from "node:path";
import { decodeRle, type RgbaImage, rleToBoxXywh } from "@segany/masks";
import { writeFileInside } from "@segany/runtime/files";
import { cutOut, drawMasks, encodePng } from "@segany/sam";
import { cutoutsName, pictureName, type SegmentedImage } from "./formats.js";

/** Writes an image with all masks drawn on it; returns its name in the output folder. */
export async function writePicture(
  output: string,
  image: RgbaImage,
  { input, records }: SegmentedImage,
): Promise<string> {
  const masks = records.map(({ area, segmentation }) => ({
    areaPx: area,
    decode: () => decodeRle(segmentation),
  }));
  const name = pictureName(input);
  await writeFileInside(output, name, await encodePng(drawMasks(image, masks)));
  return name;
}

/**
 * Writes each object as a PNG, transparent around it, in the order of the records; empty masks are skipped.
 */
export async function writeCutouts(
  output: string,
  image: RgbaImage,
  { input, records }: SegmentedImage,
): Promise<string[]> {
  const names: string[] = [];
  for (const [i, { segmentation }] of records.entries()) {
    const [, , width, height] = rleToBoxXywh(segmentation);
    if (width === 0 || height === 0) continue;
    const name = join(cutoutsName(input), `${i}.png`);
    await writeFileInside(output, name, await encodePng(cutOut(image, decodeRle(segmentation))));
    names.push(name);
  }
  return names;
}
