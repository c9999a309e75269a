import type { LabelMap } from "../../masks/label-map.js";
import type { DatasetWriter } from "../format.js";
import { perImageWriter } from "../write-per-image.js";
import { labelMapHolds, toLabelMap } from "./label-map-format.js";

/**
 * Label maps: `images/…` and `masks/….png` of the same names.
 *
 * @param encode makes a PNG of grey, of 8 or 16 bits as the map has
 *
 * @example
 * const output = createMemoryOutput();
 * const encode = ({ data }: LabelMap) => Uint8Array.from(data); // a PNG encoder of your choice
 * const writer = createLabelMapWriter(encode);
 * const { annotations } = await writer.write(dataset, output, { images: "none" });
 * console.log(annotations); // 3
 */
export function createLabelMapWriter(encode: (map: LabelMap) => Uint8Array): DatasetWriter {
  return perImageWriter("labelmap", () => ({
    holds: labelMapHolds,
    imageFolder: "images",
    *filesOf(record, stem, losses) {
      yield { name: `masks/${stem}.png`, data: encode(toLabelMap(record, losses)) };
    },
  }));
}
