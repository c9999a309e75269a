import type { DatasetImage } from "@segany/dataset";
import { decodeRle, encodeRle, type Mask, type RgbaImage } from "@segany/masks";
import { readSampleImage } from "../data/read-sample-image.js";
import type { FloatMap } from "../edges/float-map.js";
import type { Case } from "./protocol.js";

/** Three panels: the image, all annotators' boundaries (darker where more agree), and the edge map. */
export function edgePanels(
  image: DatasetImage,
  boundaries: readonly Mask[],
  edges: FloatMap,
): Case["panels"] {
  const kept = boundaries.map(encodeRle); // Runs are small; the maps are not.
  const strengths = Uint8Array.from(edges.data, (value) => Math.round(255 * value));
  const share = (): Float32Array => {
    const sums = new Float32Array(strengths.length);
    for (const rle of kept) {
      const { data } = decodeRle(rle);
      for (let i = 0; i < sums.length; i++) sums[i]! += data[i]! / kept.length;
    }
    return sums;
  };
  return [
    { title: "image", render: () => readSampleImage(image) },
    {
      title: "annotators",
      render: async () =>
        drawInk(
          image,
          (
            (sums) => (i: number) =>
              sums[i]!
          )(share()),
        ),
    },
    { title: "edges", render: async () => drawInk(image, (i) => strengths[i]! / 255) },
  ];
}

/** Dark ink on white by strength, 0..1. */
function drawInk({ width, height }: DatasetImage, strength: (pixel: number) => number): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) data.fill(255 * (1 - strength(i)), 4 * i, 4 * i + 3);
  return { width, height, data };
}
