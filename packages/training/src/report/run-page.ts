/** `report.html` of a run: how it went, and whether the model is better. */
import { caseFigures, escapeHtml, htmlPage, plotCurves, valueList } from "@segany/evaluation/report";
import type { TrainSettings } from "../loop/settings.js";
import type { BestValidation, ValidationResult } from "../loop/validate.js";
import type { MetricsLine } from "../metrics/metrics-file.js";
import { type ComparedImage, type ImageAnswers, recallOfImages } from "./answer-images.js";
import { metricsPlots } from "./metrics-curves.js";
import {
  compareObjects,
  everythingFigure,
  extremes,
  type Figure,
  gainOf,
  NOTABLE_CHANGE,
  type ObjectComparison,
  objectFigure,
} from "./object-cases.js";

/** What two models made of the same images. */
export interface ModelComparison {
  readonly images: readonly ComparedImage[];
  readonly before: readonly ImageAnswers[];
  readonly after: readonly ImageAnswers[];
}

/** What the page tells. */
export interface RunPage {
  readonly model: string;
  readonly settings: TrainSettings;
  readonly images: { readonly training: number; readonly validation: number };
  readonly metrics: readonly MetricsLine[];
  readonly before: ValidationResult | null;
  readonly best: BestValidation | null;
  /** Absent while the run goes on. */
  readonly comparison?: ModelComparison;
}

const SCORES = {
  click: "one click",
  clickOracle: "the best of the three masks for one click",
  box: "box",
  text: "the name of the class",
} as const;

/** The page as HTML that needs no other file. */
export async function runPage(page: RunPage): Promise<string> {
  const { model, settings, images, metrics, comparison } = page;
  const steps = metrics.reduce((last, { step }) => Math.max(last, step), 0);
  const state = `${steps} of ${settings.steps} steps; ${images.training} images trained on, ${images.validation} validated on.`;
  const body = [
    `<h1>Training of ${escapeHtml(model)}</h1>`,
    `<p class="soft">${state}</p>`,
    scoresTable(page),
    "<h2>Curves</h2>",
    `<div class="plots">${metricsPlots(metrics)
      .map(({ curves, top }) => `<section><h3>${curves[0]!.title}</h3>${plotCurves(curves, top)}</section>`)
      .join("\n")}</div>`,
    ...(comparison ? await comparisonParts(comparison) : []),
    "<h2>Settings</h2>",
    valueList(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  ];
  return htmlPage(`segany train: ${model}`, body.join("\n"));
}

/** Before and after for each kind of prompt. */
function scoresTable({ before, best, comparison }: RunPage): string {
  if (!before || !best) return "<p>No image validates, so nothing tells whether the model is better.</p>";
  const names = Object.keys(SCORES) as (keyof typeof SCORES)[];
  const rows = names.flatMap((name) => {
    const [from, to] = [before[name], best[name]];
    return from === undefined || to === undefined ? [] : [row(`mIoU, ${SCORES[name]}`, from, to)];
  });
  const [from, to] = [comparison?.before, comparison?.after].map((answers) => recallOfImages(answers ?? []));
  if (from !== undefined && to !== undefined) rows.push(row("AR@100, everything mode", from, to));
  return `<h2>Before and after</h2>
<div class="scroll"><table>
<thead><tr><th>prompt</th><th>before</th><th>after</th><th>change</th></tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>
<p class="soft">Means over ${best.objects} objects of the validation images, at the resolution of the model's masks. After: the best weights, those of step ${best.step}.</p>`;
}

function row(name: string, before: number, after: number): string {
  const change = `${after >= before ? "+" : "−"}${Math.abs(after - before).toFixed(3)}`;
  const cells = [before.toFixed(3), after.toFixed(3), change].map((text) => `<td>${text}</td>`);
  return `<tr><td>${name}</td>${cells.join("")}</tr>`;
}

async function comparisonParts({ images, before, after }: ModelComparison): Promise<string[]> {
  const objects = compareObjects(images, before, after);
  const { gains, losses } = extremes(objects);
  const everything = images.flatMap(({ sample }, i) => {
    const [from, to] = [before[i]!.everything, after[i]!.everything];
    return from && to ? [everythingFigure(sample, from, to)] : [];
  });
  return [
    "<h2>One click, before and after</h2>",
    `<p class="soft">${summary(images.length, objects)}</p>`,
    ...(await section("Largest gains", gains.map(objectFigure))),
    ...(await section("Largest losses", losses.map(objectFigure))),
    ...(await section("Everything mode, before and after", everything)),
  ];
}

async function section(title: string, figures: readonly Figure[]): Promise<string[]> {
  return figures.length === 0 ? [] : [`<h3>${title}</h3>`, await caseFigures(figures)];
}

function summary(images: number, objects: readonly ObjectComparison[]): string {
  const mean = (values: readonly number[]) =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
  const better = objects.filter((object) => gainOf(object) > NOTABLE_CHANGE).length;
  const worse = objects.filter((object) => gainOf(object) < -NOTABLE_CHANGE).length;
  return `${objects.length} objects of ${images} validation images, at the images' resolution: mean IoU ${mean(
    objects.map(({ before }) => before.iou),
  )} → ${mean(objects.map(({ after }) => after.iou))}. IoU higher by more than ${NOTABLE_CHANGE}: ${better} objects; lower: ${worse}. The click is at the pixel farthest from the object's border, and the mask is the one that the model is most sure of.`;
}
