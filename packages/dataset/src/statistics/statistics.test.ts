import { encodeRle, type Mask } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import { drawMask, exampleMasks, makeAnnotation } from "../testing/make-records.js";
import { collectStatistics } from "./collect-statistics.js";
import { createHistogram, quantileOf } from "./histogram.js";
import { measureMask } from "./measure-mask.js";
import { formatStatisticsPage } from "./statistics-page.js";
import { formatStatisticsTable } from "./statistics-table.js";

describe("measuring a mask", () => {
  it("takes area, centre and hull of pixels with their corners", () => {
    expect(measureMask(encodeRle(exampleMasks.bar))).toEqual({ area: 6, centre: [3, 2.5], hullArea: 6 });
    expect(measureMask(encodeRle(exampleMasks.ring))).toEqual({ area: 8, centre: [2.5, 2.5], hullArea: 9 });
    // Two squares of 2x2 in opposite corners of 6x5: the box less two triangles of 4x3.
    expect(measureMask(encodeRle(exampleMasks.parts))).toEqual({ area: 8, centre: [3, 2.5], hullArea: 18 });
    expect(measureMask(encodeRle(drawMask("..", "..")))).toEqual({ area: 0, centre: [0, 0], hullArea: 0 });
  });

  it("agrees with a plain hull of all corners", () => {
    const masks = fc.array(fc.boolean(), { minLength: 63, maxLength: 63 });
    fc.assert(
      fc.property(masks, (pixels) => {
        const mask = { width: 9, height: 7, data: Uint8Array.from(pixels, Number) };
        const { area, hullArea } = measureMask(encodeRle(mask));
        expect(area).toBe(pixels.filter(Boolean).length);
        expect(hullArea).toBeCloseTo(plainHullArea(mask), 9);
      }),
    );
  });
});

type Corner = [x: number, y: number];

/** Gift wrapping over the corners of all pixels. */
function plainHullArea({ width, data }: Mask): number {
  const corners: Corner[] = [];
  for (const [i, value] of data.entries()) {
    const x = i % width;
    const y = Math.floor(i / width);
    if (value === 1) corners.push([x, y], [x + 1, y], [x, y + 1], [x + 1, y + 1]);
  }
  if (corners.length === 0) return 0;
  const start = corners.reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a));
  const cross = (o: Corner, a: Corner, b: Corner) =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const far = (a: Corner, b: Corner) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  let area = 0;
  let here = start;
  do {
    let next = corners.find((corner) => corner[0] !== here[0] || corner[1] !== here[1])!;
    for (const corner of corners) {
      const turn = cross(here, next, corner);
      if (turn < 0 || (turn === 0 && far(here, corner) > far(here, next))) next = corner;
    }
    area += (here[0] * next[1] - next[0] * here[1]) / 2;
    here = next;
  } while (here[0] !== start[0] || here[1] !== start[1]);
  return Math.abs(area);
}

it("quantiles lie where the share of values says", () => {
  const histogram = createHistogram(0, 1, 10);
  for (let i = 0; i < 100; i++) histogram.add(i / 100);
  const built = histogram.build();
  expect(quantileOf(built, 0.5)).toBeCloseTo(0.5, 9);
  expect(quantileOf(built, 0.95)).toBeCloseTo(0.95, 9);
  expect(built.mean).toBeCloseTo(0.495, 9);
});

const dataset = datasetFromRecords(
  [
    {
      image: { id: 1, fileName: "a.png", width: 6, height: 5 },
      annotations: [
        makeAnnotation(exampleMasks.bar, { categoryId: 1, predictedIou: 0.75 }),
        makeAnnotation(exampleMasks.ring, { categoryId: 1, isCrowd: true }),
        makeAnnotation(drawMask("......", "......", "......", "......", "......")),
      ],
    },
    { image: { id: 2, fileName: "b.png", width: 10, height: 15 }, annotations: [] },
  ],
  {
    name: "<script>alert(1)</script>",
    categories: [
      { id: 1, name: "<b>bold & brave</b>" },
      { id: 2, name: "none" },
    ],
  },
);

it("counts images, masks, sizes, shapes, places and classes", async () => {
  const statistics = await collectStatistics(dataset);
  expect(statistics).toMatchObject({
    images: 2,
    masks: 3,
    crowds: 1,
    emptyMasks: 1,
    meanImageSize: { width: 8, height: 10 },
    masksPerImage: { mean: 1.5, highest: 3 },
    categories: [
      { id: 1, masks: 2, images: 1 },
      { id: 2, masks: 0, images: 0 },
    ],
  });
  expect(statistics.masksPerImage.classes.map(({ images }) => images)).toEqual([1, 1, 0, 0, 0, 0]);
  // sqrt(6 / 30) and sqrt(8 / 30); 1 - 6 / 6 and 1 - 8 / 9.
  expect(statistics.relativeSize.mean).toBeCloseTo((Math.sqrt(6 / 30) + Math.sqrt(8 / 30)) / 2, 9);
  expect(statistics.concavity.mean).toBeCloseTo(1 / 18, 9);
  expect(statistics.predictedIou?.mean).toBe(0.75);
  expect(statistics.stabilityScore).toBeUndefined();
  // Centres (3, 2.5) and (2.5, 2.5) of 6x5.
  expect(statistics.centres[16]![16]).toBe(1);
  expect(statistics.centres[16]![13]).toBe(1);
});

it("is a table without trailing spaces, and a page that runs nothing a data set says", async () => {
  const statistics = await collectStatistics(dataset);
  const table = formatStatisticsTable(statistics);
  expect(table).toContain("masks per image: mean 1.5, at most 3");
  expect(table).not.toMatch(/ \n/);
  const page = await formatStatisticsPage(statistics);
  expect(page.match(/<svg/g)).toHaveLength(6);
  expect(page).not.toContain("<script>alert");
  expect(page).not.toContain("<b>bold");
  expect(page).not.toMatch(/(src|href)="https?:/);
});

it("has a page for an empty data set too", async () => {
  const statistics = await collectStatistics(datasetFromRecords([]));
  expect(await formatStatisticsPage(statistics)).not.toContain("NaN");
  expect(formatStatisticsTable(statistics)).not.toContain("NaN");
});
