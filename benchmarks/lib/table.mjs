/** Results as a table in Markdown, put between two marks of a page. */
import { readFileSync, writeFileSync } from "node:fs";
import { judge, REFERENCE_GFLOPS, scaledMs } from "./targets.mjs";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

const number = (value) =>
  value >= 1000
    ? `${Math.round(value)}`
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

const peersOf = ({ ms, peers }) =>
  Object.entries(peers)
    .map(([name, peerMs]) => `${name} ${number(peerMs)}: ${(ms / peerMs).toFixed(2)}x`)
    .join("<br>");

const targetsOf = (row) =>
  judge(row)
    .map(({ unit, value, must, aim, verdict }) => {
      const goal = `≤ ${must}${aim === undefined ? "" : `, aim ${aim}`}`;
      const word = { aim: "met, and the aim", must: "met", missed: "**missed**" }[verdict];
      return `${number(value)} ${unit} (${goal}): ${word}`;
    })
    .join("<br>");

const line = (cells) => `| ${cells.join(" | ")} |`;

function rowLine(row) {
  const share = row.flops ? (row.flops / row.ms / 1e6 / row.gflops).toFixed(2) : "–";
  const extra = row.cosine ? `, cosine ${row.cosine.toFixed(5)}` : "";
  return line([
    row.what + extra,
    number(row.ms),
    row.flops ? number(row.flops / 1e9) : "–",
    share,
    number(scaledMs(row)),
    row.peakMb ? `${row.peakMb}` : "–",
    peersOf(row) || "–",
    targetsOf(row) || "–",
  ]);
}

/** Every part's rows, then under which conditions each part was measured. */
export function markdownTable(parts) {
  const head = [
    "what",
    "ms",
    "GFLOP",
    "share of GEMM",
    `ms at ${REFERENCE_GFLOPS}`,
    "peak MB",
    "beside it, ms",
    "target",
  ];
  const names = Object.keys(parts);
  const { machine } = parts[names[0]];
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ONNX Runtime ${machine.onnxRuntime}, ${machine.threads} threads.`,
    "",
    line(head),
    line(head.map((_, i) => (i === 0 || i > 5 ? "---" : "---:"))),
    ...names.flatMap((name) => parts[name].rows.map(rowLine)),
    "",
    line(["part", "GEMM, GFLOPS", "commit", "date", "load before and after", "took", "command"]),
    line(["---", "---:", "---", "---", "---", "---:", "---"]),
    ...names.map((name) => {
      const { gflops, commit, date, load, seconds, command } = parts[name];
      return line([
        name,
        gflops.toFixed(0),
        commit,
        date,
        load.join(" → "),
        `${seconds} s`,
        `\`${command}\``,
      ]);
    }),
  ].join("\n");
}

/** Replaces what stands between the marks of a page. */
export function writeBetweenMarks(path, text) {
  const page = readFileSync(path, "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} lacks the lines ${BEGIN} and ${END}.`);
  writeFileSync(path, `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`);
}
