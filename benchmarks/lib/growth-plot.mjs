/**
 * Growth as a plot: for each thing that grows, processor time above and peak memory below, both axes
 * logarithmic.
 */

const PANEL = { width: 250, height: 190, gapX: 86, gapY: 64, left: 66, top: 76 };
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const GREY = "#59636e";

const PANELS = [
  {
    kind: "image",
    title: "size of the image",
    unit: "megapixels",
    series: {
      readCpuMs: "read",
      setImageCpuMs: "set image",
      clickCpuMs: "click",
      generateCpuMs: "64 points",
    },
  },
  { kind: "prompts", title: "prompts on an image", unit: "prompts", series: { cpuMs: "predictBatch" } },
  {
    kind: "points",
    title: "points of a prompt, 16 prompts",
    unit: "points",
    series: { cpuMs: "predictBatch" },
  },
  { kind: "masks", title: "masks kept", unit: "masks", series: { cpuMs: "select" } },
];

/** Powers of ten that a list of values lies between. */
const decades = (values) => {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
};

const text = (x, y, words, more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;

const short = (value) => (value >= 1000 ? `${value / 1000}k` : `${value}`);

function panel(rows, { kind, unit, series }, column, row, yUnit) {
  const x0 = PANEL.left + column * (PANEL.width + PANEL.gapX);
  const y0 = PANEL.top + row * (PANEL.height + PANEL.gapY);
  const xTicks = decades(rows.map((entry) => entry[kind]));
  const names = Object.keys(series);
  const yTicks = decades(rows.flatMap((entry) => names.map((name) => Math.max(1, entry[name]))));
  const place = (ticks, value, length) =>
    (Math.log10(value / ticks[0]) / Math.log10(ticks.at(-1) / ticks[0])) * length;
  const x = (value) => x0 + place(xTicks, value, PANEL.width);
  const y = (value) => y0 + PANEL.height - place(yTicks, Math.max(1, value), PANEL.height);
  const grid = [
    ...xTicks.map((tick) => `<path d="M${x(tick).toFixed(1)} ${y0}v${PANEL.height}"/>`),
    ...yTicks.map((tick) => `<path d="M${x0} ${y(tick).toFixed(1)}h${PANEL.width}"/>`),
  ];
  const labels = [
    ...xTicks.map((tick) => text(x(tick), y0 + PANEL.height + 17, short(tick), 'text-anchor="middle"')),
    ...yTicks.map((tick) => text(x0 - 7, y(tick) + 4, short(tick), 'text-anchor="end"')),
    text(x0 + PANEL.width / 2, y0 + PANEL.height + 35, unit, 'text-anchor="middle"'),
    text(x0 - 7, y0 - 10, yUnit, 'text-anchor="end"'),
  ];
  const last = rows.at(-1);
  const slope = proportion(
    { from: rows[0][kind], to: last[kind], value: last[names[0]], lowest: yTicks[0] },
    x,
    y,
  );
  const labelHeights = spread(names.map((name) => y(last[name]) + 4));
  const lines = names.map((name, i) => {
    const points = rows.map((entry) => `${x(entry[kind]).toFixed(1)} ${y(entry[name]).toFixed(1)}`);
    const dots = points.map((at) => `<circle cx="${at.split(" ")[0]}" cy="${at.split(" ")[1]}" r="3"/>`);
    const label =
      names.length > 1 ? text(x(last[kind]) + 7, labelHeights[i], series[name], 'stroke="none"') : "";
    return `<g stroke="${COLOURS[i]}" fill="${COLOURS[i]}"><path d="M${points.join("L")}" fill="none" stroke-width="2"/>${dots.join("")}${label}</g>`;
  });
  return `<g stroke="#d0d7de">${grid.join("")}</g><g fill="${GREY}">${labels.join("")}</g>${slope}${lines.join("")}`;
}

/**
 * The line of growth in proportion through the last row, as far as the panel goes: what lies flatter grows
 * slower.
 */
function proportion({ from, to, value, lowest }, x, y) {
  const start = Math.max(from, (to * lowest) / value);
  const points = [start, to].map((at) => `${x(at).toFixed(1)} ${y((value * at) / to).toFixed(1)}`);
  return `<path d="M${points.join("L")}" stroke="${GREY}" stroke-dasharray="4 4" fill="none"/>`;
}

/** Heights of labels beside the ends of lines, moved apart where they would touch. */
function spread(heights) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const places = [...heights];
  order.slice(1).forEach((i, k) => {
    places[i] = Math.max(places[i], places[order[k]] + 13);
  });
  return places;
}

/** @param {Record<string, readonly Record<string, number>[]>} results as `growth.mjs` prints them */
export function growthPlot(results) {
  const width = PANEL.left + PANELS.length * (PANEL.width + PANEL.gapX) + 10;
  const height = PANEL.top + 2 * (PANEL.height + PANEL.gapY);
  const panels = PANELS.flatMap((spec, column) => {
    const rows = results[spec.kind];
    const x = PANEL.left + column * (PANEL.width + PANEL.gapX);
    return [
      text(x, 34, spec.title, 'font-size="15" font-weight="600"'),
      panel(rows, spec, column, 0, "ms"),
      panel(rows, { ...spec, series: { peakMb: "peak" } }, column, 1, "MB"),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">`,
    "<title>Growth of processor time and peak memory</title>",
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}
