import { type GraphProfile, type ProfiledNode, sumByOperator } from "@segany/sam";

/** Lengths in pixels. */
const WIDTH = 960;
const MARGIN = 24;
const BAR_HEIGHT = 18;
const BAR_PITCH = 26;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 150;
const STRIP_HEIGHT = 56;
/** Operators with a colour and a bar of their own; the rest share a grey bar. */
const SHOWN = 9;
/** Okabe and Ito's colours, which most people can distinguish, and two more. */
const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#7f6bd6",
  "#b8a800",
  "#8c5a2b",
];
const REST = "#8a8f98";

/**
 * Draws a graph's profile as SVG: a bar for each operator, and below it a strip of all nodes in execution
 * order, with widths proportional to their time. It has a white background, for dark pages.
 */
export function profilePicture({ name, nodes, totalMs }: GraphProfile): string {
  const operators = sumByOperator(nodes);
  const shown = operators.slice(0, SHOWN);
  const colours = new Map(shown.map(({ opType }, i) => [opType, COLOURS[i]!]));
  const restMs = operators.slice(SHOWN).reduce((sum, { ms }) => sum + ms, 0);
  const bars = [
    ...shown.map(({ opType, nodes: count, ms }) => ({
      label: `${opType} (${count})`,
      ms,
      colour: colours.get(opType)!,
    })),
    ...(restMs > 0 ? [{ label: `${operators.length - SHOWN} others`, ms: restMs, colour: REST }] : []),
  ];
  const longestMs = Math.max(...bars.map(({ ms }) => ms));
  const stripY = 72 + bars.length * BAR_PITCH + 34;
  const height = stripY + STRIP_HEIGHT + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2328">`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="34" font-size="17" font-weight="600">${escapeXml(name)}: ${totalMs.toFixed(1)} ms in ${nodes.length} nodes</text>`,
    `<text x="${MARGIN}" y="56" fill="#59636e">Time by operator (number of its nodes)</text>`,
    ...bars.map((bar, i) => operatorBar(bar, 72 + i * BAR_PITCH, longestMs, totalMs)),
    `<text x="${MARGIN}" y="${stripY - 10}" fill="#59636e">Nodes in execution order; the width is the time</text>`,
    ...nodeStrip(nodes, totalMs, stripY, colours),
    "</svg>",
    "",
  ].join("\n");
}

interface Bar {
  readonly label: string;
  readonly ms: number;
  readonly colour: string;
}

function operatorBar({ label, ms, colour }: Bar, y: number, longestMs: number, totalMs: number): string {
  const x = MARGIN + LABEL_WIDTH;
  const width = (ms / longestMs) * (WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH);
  const value = `${ms.toFixed(2)} ms · ${((100 * ms) / totalMs).toFixed(1)} %`;
  return [
    `<text x="${x - 10}" y="${y + 14}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
    `<text x="${(x + width + 8).toFixed(1)}" y="${y + 14}">${value}</text>`,
  ].join("");
}

function nodeStrip(
  nodes: readonly ProfiledNode[],
  totalMs: number,
  y: number,
  colours: ReadonlyMap<string, string>,
): string[] {
  const scale = (WIDTH - 2 * MARGIN) / totalMs;
  let x = MARGIN;
  const slices = nodes.map(({ name, opType, ms }) => {
    const width = ms * scale;
    const slice = `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${STRIP_HEIGHT}" fill="${colours.get(opType) ?? REST}"${width > 3 ? ' stroke="#ffffff" stroke-width="0.6"' : ""}><title>${escapeXml(name)}: ${ms.toFixed(2)} ms</title></rect>`;
    x += width;
    return slice;
  });
  const end = `<text x="${WIDTH - MARGIN}" y="${y + STRIP_HEIGHT + 18}" text-anchor="end" fill="#59636e">${totalMs.toFixed(0)} ms</text>`;
  return [...slices, `<text x="${MARGIN}" y="${y + STRIP_HEIGHT + 18}" fill="#59636e">0</text>`, end];
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
