import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Curve } from "../protocols/protocol.js";
import { escapeHtml } from "./escape-html.js";

/** A curve with the data set it belongs to. */
export interface NamedCurve extends Curve {
  readonly set: string;
}

/**
 * Colours that are told apart on white and on black, also by colour-blind readers (Okabe and Ito, lightened).
 */
const LINE_COLOURS = ["#3987c9", "#d9822b", "#2aa17c", "#c661a8", "#8f7ae5", "#b3a125", "#d0534f", "#6b8e9e"];

/** Longer curves are lines without dots. */
const MOST_DOTS = 40;

/**
 * Draws curves of one title as an inline SVG. Text and axes take the page's colour, so the plot follows light
 * and dark.
 *
 * @param curves at least one, all with the same labels
 * @param top the y axis reaches from 0 to this or to the largest value, whichever is more
 */
export function plotCurves(curves: readonly NamedCurve[], top = 1): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const { xLabel, yLabel } = curves[0]!;
  const points = curves.flatMap(({ set, points: list }) => list.map(([x, y]) => ({ set, x, y })));
  const dotted = curves.every(({ points: list }) => list.length <= MOST_DOTS) ? points : [];
  const largest = Math.max(top, ...points.map(({ y }) => y));
  const figure = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions["document"]>,
    width: 640,
    height: 380,
    marginLeft: 48,
    marginBottom: 44,
    style: { background: "none", color: "currentColor", fontSize: "12px" },
    x: { label: xLabel, grid: true },
    y: { label: yLabel, grid: true, domain: [0, largest], ...(largest < 0.01 && { tickFormat: "~e" }) },
    color: { domain: [...new Set(curves.map(({ set }) => set))], range: LINE_COLOURS },
    marks: [
      Plot.ruleY([0]),
      Plot.line(points, { x: "x", y: "y", z: "set", stroke: "set", strokeWidth: 2 }),
      Plot.dot(dotted, { x: "x", y: "y", fill: "set", r: 2.5 }),
    ],
  });
  return `${figure.outerHTML}${legend(curves)}`;
}

function legend(curves: readonly NamedCurve[]): string {
  const names = [...new Set(curves.map(({ set }) => set))];
  const items = names.map(
    (name, i) =>
      `<span class="key"><i style="background:${LINE_COLOURS[i % LINE_COLOURS.length]}"></i>${escapeHtml(name)}</span>`,
  );
  return `<p class="legend">${items.join("")}</p>`;
}
