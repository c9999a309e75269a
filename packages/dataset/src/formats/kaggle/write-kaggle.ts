import { decompressRle, type Rle } from "@segany/masks";
import { formatCsv } from "../csv.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import { oneFileWriter } from "../write-one-file.js";

/** What Kaggle's tables can hold. */
export const kaggleHolds: ReadonlySet<Feature> = new Set<Feature>([
  "categories",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
]);

/** `masks.csv` with ImageId, EncodedPixels and, where there are classes, ClassId; the images in `images/`. */
export const kaggleWriter: DatasetWriter = oneFileWriter("kaggle", ({ categories }) => {
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const hasClasses = categories.length > 0;
  return {
    holds: kaggleHolds,
    imageFolder: "images",
    fileName: "masks.csv",
    begin: formatCsv([["ImageId", "EncodedPixels", ...(hasClasses ? ["ClassId"] : [])]]),
    entryOf({ image, annotations }) {
      const rows = annotations.map(({ segmentation, categoryId }) => [
        image.fileName,
        encodedPixels(segmentation),
        ...(hasClasses ? [categoryId === undefined ? "" : names.get(categoryId)] : []),
      ]);
      return formatCsv(rows.length > 0 ? rows : [[image.fileName, "", ...(hasClasses ? [""] : [])]]);
    },
    end: () => "",
  };
});

/** Starts, from 1, and lengths, down the columns: COCO's runs of the inside with their places. */
export function encodedPixels(segmentation: Rle): string {
  const words: number[] = [];
  let at = 1;
  for (const [i, count] of decompressRle(segmentation).counts.entries()) {
    if (i % 2 === 1 && count > 0) words.push(at, count);
    at += count;
  }
  return words.join(" ");
}
