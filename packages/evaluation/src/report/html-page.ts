import type { Case } from "../protocols/protocol.js";
import { caseFigure } from "./case-figure.js";
import { escapeHtml } from "./escape-html.js";
import type { NamedCurve } from "./plot-curves.js";
import type { EvaluationResult, SetDetails } from "./report.js";
import { formatInterval, formatMetric } from "./table.js";

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2937; --soft: #6b7280; --paper: #ffffff; --line: #d9dee5; --shade: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --soft: #9ca3af; --paper: #14171c; --line: #343a44; --shade: #1d2129; }
}
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
.soft { color: var(--soft); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } tr.mean { font-weight: 600; background: var(--shade); }
td small { display: block; color: var(--soft); font-weight: 400; }
.plots, .cases { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); }
.plots svg { max-width: 100%; height: auto; }
.legend { margin: 0; } .key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin-right: .35rem; vertical-align: -.05rem; }
figure { margin: 0; padding: .6rem; background: var(--shade); border-radius: .5rem; }
.panels { display: flex; gap: .4rem; } .panels div { flex: 1; min-width: 0; } .panels img { display: block; width: 100%; } small { color: var(--soft); }
figcaption { font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;

/** The result as one HTML page that needs no other file and no script, in the reader's light or dark. */
export async function toHtmlPage(result: EvaluationResult): Promise<string> {
  const { report, description, sets } = result;
  const cases: string[] = [];
  for (const set of sets) cases.push(await casesOf(set));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>segany eval ${escapeHtml(report.protocol)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Evaluation: ${escapeHtml(report.protocol)}</h1>
<p class="soft">${escapeHtml(description)}</p>
${metricsTable(result)}
<h2>Curves</h2>
<div class="plots">${await plots(sets)}</div>
${cases.join("\n")}
<h2>Settings</h2>
${settingsList(result)}
</body>
</html>
`;
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
  const figures = async (cases: readonly Case[]): Promise<string> => {
    const list: string[] = [];
    for (const one of cases) list.push(await caseFigure(one));
    return `<div class="cases">${list.join("\n")}</div>`;
  };
  const best = set.best.length > 0 ? `<h3>Best</h3>${await figures(set.best)}` : "";
  const worst = set.worst.length > 0 ? `<h3>Worst</h3>${await figures(set.worst)}` : "";
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
  return `<dl>${entries.map(([name, value]) => `<dt>${escapeHtml(name!)}</dt><dd>${escapeHtml(value!)}</dd>`).join("")}</dl>`;
}
