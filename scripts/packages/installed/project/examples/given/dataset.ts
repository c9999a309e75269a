import { datasetFromRecords } from "@segany/dataset";
import { boxToRle } from "@segany/masks";

const size = { width: 64, height: 48 };
const box = (id: number, x: number, width: number) => ({
  id,
  segmentation: boxToRle([x, 8, width, 10], size),
  bboxXywh: [x, 8, width, 10] as const,
  area: 10 * width,
  isCrowd: false,
});

/** Two images without files: two objects of 100 and 200 pixels on the first, one of 300 on the second. */
export const dataset = datasetFromRecords([
  { image: { id: 1, fileName: "a.jpg", ...size }, annotations: [box(1, 5, 10), box(2, 30, 20)] },
  { image: { id: 2, fileName: "b.jpg", ...size }, annotations: [box(3, 12, 30)] },
]);
