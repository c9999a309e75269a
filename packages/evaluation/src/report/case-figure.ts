import type { RgbaImage } from "@segany/masks";
import { loadSharp } from "@segany/sam/images";
import type { Case } from "../protocols/protocol.js";
import { escapeHtml } from "./escape-html.js";

/** Panels in the page are no larger than this: a page of many cases stays some megabytes. */
const LONG_SIDE_PX = 420;

/** Cases as HTML, in a grid. They are drawn one after another, so that few images are in memory at once. */
export async function caseFigures(cases: readonly Omit<Case, "score">[]): Promise<string> {
  const figures: string[] = [];
  for (const one of cases) figures.push(await caseFigure(one));
  return `<div class="cases">${figures.join("\n")}</div>`;
}

/** A case as HTML: its panels side by side, embedded as WebP. */
async function caseFigure({ caption, panels }: Omit<Case, "score">): Promise<string> {
  const drawn: string[] = [];
  for (const { title, render } of panels) {
    const source = await toDataUrl(await render());
    drawn.push(
      `<div><img src="${source}" alt="${escapeHtml(title)}"><small>${escapeHtml(title)}</small></div>`,
    );
  }
  return `<figure><div class="panels">${drawn.join("")}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

async function toDataUrl({ width, height, data }: RgbaImage): Promise<string> {
  const sharp = await loadSharp();
  const bytes = await sharp(data, { raw: { width, height, channels: 4 } })
    .resize({ width: LONG_SIDE_PX, height: LONG_SIDE_PX, fit: "inside", withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
  return `data:image/webp;base64,${bytes.toString("base64")}`;
}
