import { escapeHtml, htmlPage } from "../html/html-page.js";

/** An image of a contact sheet. */
export interface SheetImage {
  /** Addresses of the thumbnails, relative to the page. */
  readonly plain: string;
  readonly overlay: string;
  /** Pixels of the thumbnails. */
  readonly width: number;
  readonly height: number;
  readonly fileName: string;
  /** Why the thumbnails are grey, where they are. */
  readonly absence?: "missing" | "unreadable";
  readonly imageSize: { readonly width: number; readonly height: number };
  readonly masks: number;
  /** Boxes without a mask. */
  readonly boxes: number;
  /** Most frequent first. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
}

const ABSENCES = { missing: " · no file", unreadable: " · file can't be read" } as const;

/** One page of a contact sheet. */
export interface SheetPage {
  readonly name: string;
  readonly format: string;
  /** From 0. */
  readonly page: number;
  readonly isLast: boolean;
  readonly imagesPerPage: number;
  readonly images: readonly SheetImage[];
}

/** The file of a page: index.html, page-2.html, … */
export function sheetPageName(page: number): string {
  return page === 0 ? "index.html" : `page-${page + 1}.html`;
}

/**
 * Writes a page. It works without a server, and without JavaScript except for switching, searching and
 * enlarging.
 */
export function sheetPage(sheet: SheetPage): string {
  const { name, page, images } = sheet;
  return htmlPage({
    title: `${name}: page ${page + 1}`,
    style,
    body: `<header class="bar">
<div><h1>${escapeHtml(name)}</h1><p>${rangeText(sheet)}</p></div>
<div class="tools">
<label class="switch"><input type="checkbox" id="masks" checked> Masks <kbd>m</kbd></label>
<input type="search" id="search" placeholder="File or class on this page" aria-label="Search on this page">
<label class="size">Size <input type="range" id="size" min="120" max="480" step="20" value="240"></label>
${navigation(sheet)}
</div>
</header>
<main class="grid" id="grid">${images.map(card).join("\n")}</main>
<p class="none" id="none" ${images.length === 0 ? "" : "hidden"}>No image.</p>
<dialog id="large"><img alt=""><p></p></dialog>`,
    script,
  });
}

function rangeText({ format, page, imagesPerPage, images, isLast }: SheetPage): string {
  const first = page * imagesPerPage + 1;
  const text =
    images.length === 0
      ? "no images"
      : `images ${first.toLocaleString("en-US")}–${(first + images.length - 1).toLocaleString("en-US")}`;
  return `${escapeHtml(format)} · ${text} · page ${page + 1}${isLast ? ", the last" : ""}`;
}

function navigation({ page, isLast }: SheetPage): string {
  const link = (target: number, text: string, rel: string, isThere: boolean) =>
    isThere ? `<a rel="${rel}" href="${sheetPageName(target)}">${text}</a>` : `<span>${text}</span>`;
  return `<nav>${link(page - 1, "← Back", "prev", page > 0)}${link(page + 1, "Next →", "next", !isLast)}</nav>`;
}

/** Classes that are named below an image. */
const maxClasses = 4;

function card({
  plain,
  overlay,
  width,
  height,
  fileName,
  absence,
  imageSize,
  masks,
  boxes,
  classes,
}: SheetImage): string {
  const names = classes.map(({ name }) => name).join(" ");
  const chips = classes
    .slice(0, maxClasses)
    .map(({ name, count }) => `<li>${escapeHtml(name)}${count > 1 ? ` <b>${count}</b>` : ""}</li>`);
  if (classes.length > maxClasses) chips.push(`<li>+${classes.length - maxClasses}</li>`);
  return `<figure data-text="${escapeHtml(`${fileName} ${names}`.toLowerCase())}"><button><img loading="lazy" decoding="async" width="${width}" height="${height}" src="${overlay}" data-plain="${plain}" data-overlay="${overlay}" alt=""></button><figcaption><span title="${escapeHtml(fileName)}">${escapeHtml(fileName)}</span><small>${countText(masks, boxes)} · ${imageSize.width} × ${imageSize.height}${absence ? ABSENCES[absence] : ""}</small>${chips.length > 0 ? `<ul>${chips.join("")}</ul>` : ""}</figcaption></figure>`;
}

function countText(masks: number, boxes: number): string {
  const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;
  if (boxes === 0) return count(masks, "mask", "masks");
  return [...(masks > 0 ? [count(masks, "mask", "masks")] : []), count(boxes, "box", "boxes")].join(" and ");
}

const style = `
:root { --size: 240px; }
header.bar, main.grid { max-width: none; }
header.bar {
  position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 10px 28px; align-items: center;
  justify-content: space-between; padding: 12px 24px; background: var(--page); border-bottom: 1px solid var(--line);
}
.bar h1 { font-size: 19px; }
.bar p { margin: 0; font-size: 13px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center; font-size: 14px; }
.tools label { display: flex; align-items: center; gap: 6px; }
.tools input[type="search"] {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 5px 10px; width: 220px;
}
.tools input { accent-color: var(--accent); }
.size input { width: 110px; }
kbd { font: 12px ui-monospace, monospace; color: var(--muted); border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; }
nav { display: flex; gap: 8px; }
nav a, nav span { border: 1px solid var(--line); border-radius: 8px; padding: 5px 12px; background: var(--card); color: var(--accent); text-decoration: none; }
nav span { color: var(--muted); opacity: 0.5; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--size), 1fr)); gap: 14px; padding: 18px 24px 40px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; content-visibility: auto; contain-intrinsic-size: var(--size); }
figure button { display: block; width: 100%; padding: 0; border: 0; background: color-mix(in srgb, var(--text) 8%, var(--card)); cursor: zoom-in; }
figure button:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
figure img { display: block; width: 100%; aspect-ratio: 4 / 3; height: auto; object-fit: contain; }
figcaption { padding: 8px 12px 10px; font-size: 13px; }
figcaption span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
figcaption small { color: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
figcaption ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px; margin: 6px 0 0; padding: 0; }
figcaption li { background: color-mix(in srgb, var(--accent) 14%, transparent); border-radius: 6px; padding: 0 7px; font-size: 12px; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
figcaption li b { color: var(--muted); }
.none { padding: 40px; text-align: center; color: var(--muted); }
dialog { border: 0; border-radius: 12px; padding: 12px; background: var(--card); color: var(--text); max-width: 96vw; max-height: 96vh; }
dialog::backdrop { background: rgb(0 0 0 / 0.7); }
dialog img { display: block; width: min(92vw, calc(84vh * var(--ratio)), calc(2.5px * var(--natural))); height: auto; border-radius: 6px; }
dialog p { margin: 8px 2px 0; color: var(--muted); font-size: 13px; }`;

const script = `
const grid = document.getElementById("grid"), masks = document.getElementById("masks");
const large = document.getElementById("large"), search = document.getElementById("search");
const figures = [...grid.children];
let current = -1;
const sourceOf = (img) => masks.checked ? img.dataset.overlay : img.dataset.plain;
function showMasks() {
  for (const img of grid.querySelectorAll("img")) img.src = sourceOf(img);
  if (large.open) enlarge(current);
}
function enlarge(i) {
  current = i;
  const img = figures[i].querySelector("img"), picture = large.querySelector("img");
  picture.src = sourceOf(img);
  picture.style.setProperty("--ratio", img.getAttribute("width") / img.getAttribute("height"));
  picture.style.setProperty("--natural", img.getAttribute("width"));
  large.querySelector("p").textContent = figures[i].querySelector("span").textContent + " · " + figures[i].querySelector("small").textContent;
  if (!large.open) large.showModal();
}
function step(by) {
  for (let i = current + by; i >= 0 && i < figures.length; i += by) if (!figures[i].hidden) return enlarge(i);
}
masks.addEventListener("change", showMasks);
document.getElementById("size").addEventListener("input", (event) =>
  document.documentElement.style.setProperty("--size", event.target.value + "px"));
search.addEventListener("input", () => {
  const text = search.value.toLowerCase();
  for (const figure of figures) figure.hidden = !figure.dataset.text.includes(text);
  document.getElementById("none").hidden = figures.some((figure) => !figure.hidden);
});
grid.addEventListener("click", (event) => {
  const figure = event.target.closest("figure");
  if (figure && event.target.closest("button")) enlarge(figures.indexOf(figure));
});
large.addEventListener("click", () => large.close());
addEventListener("keydown", (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "m") { masks.checked = !masks.checked; showMasks(); }
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const by = event.key === "ArrowLeft" ? -1 : 1;
    if (large.open) step(by);
    else document.querySelector(by < 0 ? "a[rel=prev]" : "a[rel=next]")?.click();
    event.preventDefault();
  }
});`;
