import { writeFile } from "node:fs/promises";
import { drawMasks, encodePng } from "@segany/sam";

/** Saves a row for each scene: as it is, then what each name found. */
export async function saveSheet(path, found) {
  const { width, height } = found[0].image;
  const columns = 1 + found[0].masks.length;
  const size = { width: columns * width, height: found.length * height };
  const data = new Uint8ClampedArray(4 * size.width * size.height);
  for (const [row, { image, masks }] of found.entries()) {
    const cells = [image, ...masks.map((mask) => drawMasks(image, [mask]))];
    for (const [column, cell] of cells.entries())
      for (let y = 0; y < height; y++) {
        const line = cell.data.subarray(4 * y * width, 4 * (y + 1) * width);
        data.set(line, 4 * ((row * height + y) * size.width + column * width));
      }
  }
  await writeFile(path, await encodePng({ ...size, data }));
}
