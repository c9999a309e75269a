import { caseFigures } from "./case-figure.js";
import { escapeHtml } from "./escape-html.js";
import { htmlPage, valueList } from "./page.js";
import type { NamedCurve } from "./plot-curves.js";
import type { EvaluationResult, SetDetails } from "./report.js";
import { formatInterval, formatMetric } from "./table.js";

/** The result as one HTML page that needs no other file and no script, in the reader's light or dark. */
export async function toHtmlPage(result: EvaluationResult): Promise<string> {
  const { report, description, sets } = result;
  const cases: string[] = [];
  for (const set of sets) cases.push(await casesOf(set));
  return htmlPage(
    `segany eval ${report.protocol}`,
    `<h1>Evaluation: ${escapeHtml(report.protocol)}</h1>
<p class="soft">${escapeHtml(description)}</p>
${metricsTable(result)}
<h2>Curves</h2>
<div class="plots">${await plots(sets)}</div>
${cases.join("\n")}
<h2>Settings</h2>
${settingsList(result)}`,
  );
}

function metricsTable({ report, intervals, sets }: EvaluationResult): string {
  const names = Object.keys(report.metrics);
  const cell = (name: string, value: number | undefined, interval: string): string =>
    `<td>${formatMetric(name, value)}${interval ? `<small>${interval}</small>` : ""}</td>`;
  const rows = sets.map(
    (set) =>
      `<tr><td>${escapeHtml(set.name)}<small>${set.counts.images} images, ${set.counts.masks} masks</small></td>${names
        .map((name) => cell(name, set.metrics[name], formatInterval(name, set.intervals[name])))
        .join("")}</tr>`,
  );
  const mean = names
    .map((name) => cell(name, report.metrics[name], formatInterval(name, intervals[name])))
    .join("");
  const small = Object.keys(intervals).length > 0 ? "Small: 95 % bootstrap intervals over images." : "";
  return `<div class="scroll"><table>
<thead><tr><th>data set</th>${names.map((name) => `<th>${escapeHtml(name)}</th>`).join("")}</tr></thead>
<tbody>${rows.join("\n")}<tr class="mean"><td>mean over sets</td>${mean}</tr></tbody>
</table></div><p class="soft">${small}</p>`;
}

async function plots(sets: readonly SetDetails[]): Promise<string> {
  // Plotting is 200 modules that only a page needs.
  const { plotCurves } = await import("./plot-curves.js");
  const curves: NamedCurve[] = sets.flatMap(({ name, curves: list }) =>
    list.map((curve) => ({ ...curve, set: name })),
  );
  const titles = [...new Set(curves.map(({ title }) => title))];
  return titles
    .map(
      (title) =>
        `<section><h3>${escapeHtml(title)}</h3>${plotCurves(curves.filter((curve) => curve.title === title))}</section>`,
    )
    .join("\n");
}

async function casesOf(set: SetDetails): Promise<string> {
  const best = set.best.length > 0 ? `<h3>Best</h3>${await caseFigures(set.best)}` : "";
  const worst = set.worst.length > 0 ? `<h3>Worst</h3>${await caseFigures(set.worst)}` : "";
  return `<h2>${escapeHtml(set.name)}</h2><p class="soft">${escapeHtml(explainCounts(set))}</p>${worst}${best}`;
}

/** What was scored and what was left out of a set, in sentences. */
export function explainCounts({ counts, notes }: Pick<SetDetails, "counts" | "notes">): string {
  const leftOut = [
    [counts.crowds, "crowd regions (taken as regions to ignore)"],
    [counts.empty, "masks without a pixel"],
    [counts.stuff, "masks of stuff"],
    [counts.beyondMaxMasks, "masks beyond the limit an image"],
    [counts.missingImages, "images whose file is not there"],
  ] as const;
  const parts = leftOut.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [
    `${counts.images} images, ${counts.masks} masks.`,
    ...(parts.length > 0 ? [`Left out: ${parts.join(", ")}.`] : []),
    ...(counts.ignoreRegions > 0 ? [`Regions to ignore: ${counts.ignoreRegions}.`] : []),
    ...notes,
  ].join(" ");
}

function settingsList({ report: { model, settings, seconds } }: EvaluationResult): string {
  const entries = [
    ["model", model ? model.name : "none"],
    ...(model
      ? [
          ["checkpoint SHA-256", model.checkpoint_sha256],
          ["precision", model.precision],
        ]
      : []),
    ...Object.entries(settings).map(([name, value]) => [name, String(value)]),
    ["seconds", seconds.toFixed(1)],
  ];
  return valueList(entries.map(([name, value]) => [name!, value!]));
}
