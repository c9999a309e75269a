import { escapeHtml, htmlPage } from "../html/html-page.js";
import type { DatasetStatistics } from "./collect-statistics.js";
import { type Histogram, quantileOf } from "./histogram.js";
import { wholeNumber } from "./statistics-table.js";

/**
 * Statistics as a self-contained HTML page with plots, light or dark as the reader's system is.
 *
 * @example
 * const html = await formatStatisticsPage(await collectStatistics(dataset));
 * console.log(html.startsWith("<!")); // true
 */
export async function formatStatisticsPage(statistics: DatasetStatistics): Promise<string> {
  const { name, format } = statistics;
  const drawn = await figures(statistics);
  return htmlPage({
    title: `${name}: data set statistics`,
    style,
    body: `<header><h1>${escapeHtml(name)}</h1><p>Data set statistics · format ${escapeHtml(format)}</p></header>
<main>${tiles(statistics)}<div class="figures">${drawn.join("\n")}</div></main>
<footer>Sizes and shapes are those of masks with at least one pixel. Dashed lines are means.</footer>`,
  });
}

function tiles(statistics: DatasetStatistics): string {
  const { images, masks, masksPerImage, meanImageSize, categories } = statistics;
  const entries: [string, string][] = [
    ["images", wholeNumber(images)],
    ["masks", wholeNumber(masks)],
    ["masks per image, mean", masksPerImage.mean.toFixed(1)],
    ["masks per image, most", wholeNumber(masksPerImage.highest)],
    ["mean size in pixels", `${Math.round(meanImageSize.width)} × ${Math.round(meanImageSize.height)}`],
  ];
  if (categories.length > 0) entries.push(["classes", wholeNumber(categories.length)]);
  const further = [
    ["crowds", statistics.crowds],
    ["empty masks", statistics.emptyMasks],
    ["regions to ignore", statistics.ignoreRegions],
  ] as const;
  for (const [label, count] of further) if (count > 0) entries.push([label, wholeNumber(count)]);
  return `<dl class="tiles">${entries.map(([label, value]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

async function figures(statistics: DatasetStatistics): Promise<string[]> {
  // Plotting is 200 modules that only a page needs.
  const plots = await import("./plots.js");
  const { masksPerImage, relativeSize, concavity, centres, categories, predictedIou, stabilityScore } =
    statistics;
  const all = [
    figure("Masks per image", "How many masks images have.", plots.plotMasksPerImage(masksPerImage)),
    figure(
      "Mask size",
      `Square root of mask area / image area. ${summary(relativeSize)}`,
      plots.plotHistogram(relativeSize, "Masks by relative size", "relative mask size"),
    ),
    figure(
      "Concavity",
      `1 − mask area / area of its convex hull: 0 is convex. ${summary(concavity)}`,
      plots.plotHistogram(concavity, "Masks by concavity", "concavity"),
    ),
    figure("Centres", "Where in the image masks have their centre.", plots.plotCentres(centres)),
  ];
  if (categories.length > 0) {
    const more = categories.length - plots.maxPlottedCategories;
    const text =
      more > 0
        ? `The ${plots.maxPlottedCategories} most frequent; ${wholeNumber(more)} more.`
        : "All of them.";
    all.push(figure("Classes", text, plots.plotCategories(categories)));
  }
  const scores = [
    ["Predicted IoU", "predicted IoU", predictedIou],
    ["Stability score", "stability score", stabilityScore],
  ] as const;
  for (const [title, valueName, histogram] of scores) {
    if (histogram)
      all.push(
        figure(title, summary(histogram), plots.plotHistogram(histogram, `Masks by ${valueName}`, valueName)),
      );
  }
  return all;
}

function summary(histogram: Histogram): string {
  return `Mean ${histogram.mean.toFixed(3)}, median ${quantileOf(histogram, 0.5).toFixed(3)}.`;
}

function figure(title: string, text: string, svg: string): string {
  return `<figure><figcaption><h2>${title}</h2><p>${text}</p></figcaption>${svg}</figure>`;
}

const style = `
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 0 0 16px; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.tiles dt { color: var(--muted); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figures { columns: 2 480px; column-gap: 16px; }
figure { break-inside: avoid; margin: 0 0 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; }
figcaption p { margin: 2px 0 12px; color: var(--muted); font-size: 13px; }
figure svg { display: block; width: 100%; height: auto; max-width: 620px; margin: 0 auto; }
figure svg[width="460"] { max-width: 460px; }`;
