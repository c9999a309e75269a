import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.js";
import { makeAnnotation } from "../../testing/make-records.js";
import { countsOf, writeAndRead } from "../../testing/mask-sets.js";
import { datasetFromRecords } from "../memory-dataset.js";
import { labelMapFormat } from "./node-label-map-format.js";

describe("label maps", () => {
  it("label maps of 8 and of 16 bits hold every mask of a crowded image", async () => {
    for (const side of [15, 20]) {
      const annotations = Array.from({ length: side * side }, (_, i) => {
        const data = new Uint8Array(side * side);
        data[i] = 1;
        return makeAnnotation({ width: side, height: side, data }, { id: i + 1 });
      });
      const image = { id: 1, fileName: "a.png", width: side, height: side };
      const { back, path } = await writeAndRead(datasetFromRecords([{ image, annotations }]), labelMapFormat);
      expect((await readFile(join(path, "masks/a.png")))[24]).toBe(side === 15 ? 8 : 16);
      const [record] = await collect(back);
      expect(countsOf(record!.annotations)).toEqual(countsOf(annotations));
    }
  });
});
