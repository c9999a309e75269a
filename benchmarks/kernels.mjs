// Times the library's kernels in TypeScript beside the same written plainly, and checks that both agree.
// Needs a build.
// usage: node benchmarks/kernels.mjs [--quick]
// Prints a table on stderr and one JSON object on stdout; exit status 1 where a pair disagrees.
import { parseArgs } from "node:util";
import { AREA_RANGES, IOU_THRESHOLDS, matchDetections } from "../packages/evaluation/dist/index.js";
import {
  createMaskUpscaler,
  decodeRle,
  distanceTransform,
  labelRegions,
  maskToUncompressedRle,
  nonMaximumSuppression,
  resizeBilinear,
  rleIou,
} from "../packages/sam/dist/node.js";
import { interleave } from "./lib/interleave.mjs";
import { boxes, logitMaps, masks, matchingUnits, photo } from "./lib/kernel-cases.mjs";
import * as plain from "./lib/plain-kernels.mjs";

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const rounds = options.quick ? 1 : 7;
const originalSize = { width: 1800, height: 1200 };
const same = (a, b) => a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));

const image = photo();
const size = { width: 1024, height: 768 };
const upscaler = createMaskUpscaler({
  lowResSize: 256,
  modelSize: 1024,
  inputSize: { width: 1024, height: 683 },
  originalSize,
});
const maps = logitMaps(24);
const logits = new Float32Array(originalSize.width * originalSize.height);
const dense = masks(16);
const sparse = dense.map(maskToUncompressedRle);
const { boxes: boxList, scores } = boxes(2500);
const flatBoxes = Float32Array.from(boxList.flat());
const units = matchingUnits(100, 100);
const ranges = Object.values(AREA_RANGES);
const overMatching = (work) =>
  units.flatMap((unit) =>
    IOU_THRESHOLDS.flatMap((t) => ranges.flatMap((range) => [...work(unit, t, range)])),
  );

/** Interleaved colours as planes, without alpha. */
const planes = (rgba) => {
  const area = rgba.length / 4;
  return Uint8Array.from({ length: 3 * area }, (_, i) => rgba[4 * (i % area) + Math.floor(i / area)]);
};

/** Both ways of each kernel; `per` runs are made in one go, and `agree` compares the results of one. */
const kernels = {
  "resize 12 MP to 1024, Pillow's filter": {
    per: 1,
    library: () => resizeBilinear(image, size).data,
    plain: () => plain.resize(image, size),
    // Pillow's whole-number weights and its rounding between the passes may move a value by one.
    agree: (a, b) => planes(b).every((value, i) => Math.abs(value - a[i]) <= 1),
  },
  "statistics of a mask, 1800x1200": {
    per: maps.length,
    library: () => maps.map((map) => upscaler.statistics(map, 0, 1)),
    plain: () => maps.map((map) => plain.statistics(upscaler.upscale(map, logits), originalSize)),
    agree: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  },
  "run lengths of a mask, 1800x1200": {
    per: maps.length,
    library: () => maps.map((map) => upscaler.toRle(map, 0).counts),
    plain: () =>
      maps.map((map) => {
        upscaler.upscale(map, logits);
        return plain.runLengths((at) => logits[at] > 0, originalSize);
      }),
    agree: (a, b) => a.every((counts, i) => same(counts, b[i])),
  },
  "RLE encode, 1 MP": {
    per: dense.length,
    library: () => dense.map((mask) => maskToUncompressedRle(mask).counts),
    plain: () => dense.map((mask) => plain.runLengths((at) => mask.data[at] === 1, mask)),
    agree: (a, b) => a.every((counts, i) => same(counts, b[i])),
  },
  "RLE decode, 1 MP": {
    per: dense.length,
    library: () => sparse.map((rle) => decodeRle(rle).data),
    plain: () => sparse.map(({ counts }) => plain.fromRunLengths(counts, dense[0])),
    agree: (a, b) => a.every((data, i) => same(data, b[i])),
  },
  "RLE IoU of a pair, 1 MP": {
    per: sparse.length ** 2,
    library: () => rleIou(sparse, sparse),
    plain: () => {
      const all = dense.map(({ data }) => data);
      return plain.denseIous(all, all);
    },
    agree: same,
  },
  "suppression among 2500 boxes": {
    per: 1,
    library: () => nonMaximumSuppression(flatBoxes, scores, 0.7),
    plain: () => plain.suppress(boxList, scores, 0.7),
    agree: same,
  },
  "regions of a mask, 1 MP": {
    per: dense.length,
    library: () => dense.map((mask) => labelRegions(mask).labels),
    plain: () => dense.map((mask) => plain.flood(mask)),
    agree: (a, b) => a.every((labels, i) => same(labels, b[i])),
  },
  "distance transform, 1 MP": {
    per: 1,
    library: () => distanceTransform(dense[0]),
    plain: () => plain.distances(dense[0]),
    agree: same,
  },
  "COCO matching, 100 images of 100 masks, all thresholds and sizes": {
    per: 1,
    library: () =>
      overMatching(
        (unit, iouThreshold, areaRange) => matchDetections(unit, { iouThreshold, areaRange }).verdicts,
      ),
    plain: () => overMatching(plain.match),
    agree: same,
  },
};

const results = {};
for (const [name, kernel] of Object.entries(kernels)) {
  process.stderr.write(`${name}\n`);
  const agree = kernel.agree(kernel.library(), kernel.plain());
  const { times } = await interleave({ library: kernel.library, plain: kernel.plain }, { rounds });
  const [ms, plainMs] = [times.library.ms / kernel.per, times.plain.ms / kernel.per];
  results[name] = { ms, plainMs, share: ms / plainMs, agree };
  process.stderr.write(
    `  ${ms.toFixed(3)} ms, plain ${plainMs.toFixed(3)} ms: ${(ms / plainMs).toFixed(3)}x${agree ? "" : "  THEY DISAGREE"}\n`,
  );
  if (!agree) process.exitCode = 1;
}
console.log(JSON.stringify(results));
