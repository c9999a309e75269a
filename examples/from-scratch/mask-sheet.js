import { writeFile } from "node:fs/promises";
import { drawMasks, encodePng } from "@segany/sam";

/** Saves a row for each image: as it is, with its true masks, and with those that were found. */
export async function saveMaskSheet(path, rows) {
  const { width, height } = rows[0].image;
  const size = { width: 3 * width, height: rows.length * height };
  const data = new Uint8ClampedArray(4 * size.width * size.height);
  for (const [row, { image, truth, found }] of rows.entries())
    for (const [column, cell] of [image, drawMasks(image, truth), drawMasks(image, found)].entries())
      for (let y = 0; y < height; y++) {
        const line = cell.data.subarray(4 * y * width, 4 * (y + 1) * width);
        data.set(line, 4 * ((row * height + y) * size.width + column * width));
      }
  await writeFile(path, await encodePng({ ...size, data }));
}
