/**
 * The figures of the statistics page as SVG that takes its colours from the page: `--accent`, `currentColor`.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { CategoryCount, DatasetStatistics, MasksPerImage } from "./collect-statistics.js";
import type { Histogram } from "./histogram.js";
import { rangeName, wholeNumber } from "./statistics-table.js";

const width = 560;
const accent = "var(--accent)";
/** Classes of masks that are shown; more would be too small to read. */
export const maxPlottedCategories = 20;

/** Images by their number of masks. */
export function plotMasksPerImage({ classes }: MasksPerImage): string {
  const images = classes.reduce((sum, { images: count }) => sum + count, 0);
  const bars = classes.map(({ from, to, images: count }) => ({
    label: rangeName(from, to),
    share: count / Math.max(1, images),
    title: `${rangeName(from, to)} masks: ${wholeNumber(count)} images`,
  }));
  return toSvg("Images by number of masks", {
    x: { domain: bars.map(({ label }) => label), label: "masks in an image" },
    y: { ...shareAxis, label: "share of images" },
    marks: [
      gridLines(),
      Plot.barY(bars, {
        x: "label",
        y: "share",
        fill: accent,
        title: "title",
        insetLeft: 2,
        insetRight: 2,
        rx: 2,
      }),
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
    ],
  });
}

/** A distribution over 0..1. */
export function plotHistogram(
  { low, high, counts, mean }: Histogram,
  name: string,
  valueName: string,
): string {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const step = (high - low) / counts.length;
  const bars = counts.map((count, i) => ({
    x1: low + i * step,
    x2: low + (i + 1) * step,
    share: count / total,
    title: `${(low + i * step).toFixed(2)} to ${(low + (i + 1) * step).toFixed(2)}: ${wholeNumber(count)} masks`,
  }));
  return toSvg(name, {
    x: { domain: [low, high], label: valueName, ticks: 10 },
    y: { ...shareAxis, label: "share of masks" },
    marks: [
      gridLines(),
      Plot.rectY(bars, {
        x1: "x1",
        x2: "x2",
        y: "share",
        fill: accent,
        title: "title",
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleX([mean], { stroke: "currentColor", strokeDasharray: "4 3", strokeOpacity: 0.7 }),
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
    ],
  });
}

/** Where masks have their centres: cells the more opaque the more there are. */
export function plotCentres(centres: DatasetStatistics["centres"]): string {
  const side = centres.length;
  const highest = Math.max(1, ...centres.flat());
  const cells = centres.flatMap((row, y) =>
    row.map((count, x) => ({
      x1: x / side,
      x2: (x + 1) / side,
      y1: y / side,
      y2: (y + 1) / side,
      opacity: count === 0 ? 0 : 0.08 + 0.92 * (count / highest),
      title: `${wholeNumber(count)} masks`,
    })),
  );
  return toSvg("Centres of masks", {
    width: 460,
    height: 460,
    x: { domain: [0, 1], label: "part of the image's width", ticks: 5 },
    y: { domain: [1, 0], label: "part of the image's height", ticks: 5 },
    opacity: { type: "identity" },
    marks: [
      Plot.rect(cells, {
        x1: "x1",
        x2: "x2",
        y1: "y1",
        y2: "y2",
        fill: accent,
        fillOpacity: "opacity",
        title: "title",
        inset: 0.25,
      }),
      Plot.frame({ stroke: "currentColor", strokeOpacity: 0.35 }),
    ],
  });
}

/** The most frequent classes. */
export function plotCategories(categories: readonly CategoryCount[]): string {
  const shown = categories.slice(0, maxPlottedCategories).map(({ name, masks, images }, i) => ({
    // Names need not be unique; places are.
    place: i,
    name: name.length > 24 ? `${name.slice(0, 23)}…` : name,
    masks,
    title: `${name}: ${wholeNumber(masks)} masks in ${wholeNumber(images)} images`,
  }));
  return toSvg("Masks by class", {
    height: 60 + 20 * shown.length,
    marginLeft: 160,
    marginRight: 60,
    x: { label: "masks", ticks: 5, tickFormat: (value: number) => wholeNumber(value) },
    y: {
      domain: shown.map(({ place }) => place),
      label: null,
      tickFormat: (place: number) => shown[place]!.name,
      tickSize: 0,
    },
    marks: [
      Plot.gridX({ stroke: "currentColor", strokeOpacity: 0.12, ticks: 5 }),
      Plot.barX(shown, {
        x: "masks",
        y: "place",
        fill: accent,
        title: "title",
        insetTop: 2,
        insetBottom: 2,
        rx: 2,
      }),
      Plot.text(shown, {
        x: "masks",
        y: "place",
        text: ({ masks }) => wholeNumber(masks),
        dx: 5,
        textAnchor: "start",
        fill: "currentColor",
        fillOpacity: 0.75,
      }),
    ],
  });
}

const shareAxis = {
  tickFormat: (share: number) => `${Number((100 * share).toFixed(2))} %`,
  ticks: 5,
  zero: true,
} as const;

function gridLines() {
  return Plot.gridY({ stroke: "currentColor", strokeOpacity: 0.12, ticks: 5 });
}

function toSvg(name: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width,
    height: 300,
    marginLeft: 58,
    marginBottom: 44,
    ariaLabel: name,
    style: { background: "none", fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
    ...options,
  });
  return svg.outerHTML;
}
