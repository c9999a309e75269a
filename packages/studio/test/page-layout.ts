/** What is wrong with the places and sizes of a page's elements. */
import type { Page } from "playwright-core";

/** Least width and height of what is clicked, and of what is tapped, CSS pixels. */
export const MOUSE_TARGET_PX = 24;
export const TOUCH_TARGET_PX = 44;

/** What is cut, too small to hit, or out of the window. */
export function layoutFaults(page: Page, leastPx: number): Promise<string[]> {
  return page.evaluate<string[]>(measure(leastPx));
}

/** Runs in the page. */
const measure = (leastPx: number) => `(() => {
  const findings = [];
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const isForReadersOnly = (element) => element.closest(".visually-hidden") || getComputedStyle(element).clipPath !== "none";
  const nameOf = (element) => element.getAttribute("aria-label") ?? element.textContent;
  if (document.documentElement.scrollWidth > innerWidth) findings.push("the page scrolls sideways");
  for (const target of document.querySelectorAll("button:not(.link), select, label:has(input)")) {
    const { width, height, right } = target.getBoundingClientRect();
    if (!isSeen(target) || width === 0) continue;
    if (Math.min(width, height) < ${leastPx} - 0.5) findings.push("small: " + nameOf(target) + " " + width + "x" + height);
    if (right > innerWidth + 1 && !target.closest(".gallery-list")) findings.push("outside: " + nameOf(target));
  }
  for (const element of document.querySelectorAll("body *")) {
    const holdsText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!holdsText || !isSeen(element) || isForReadersOnly(element)) continue;
    const cut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
    // Names of the user's may be long; they are cut with an ellipsis and told whole in a title.
    const isExcused = getComputedStyle(element).textOverflow === "ellipsis" && element.closest("[title]");
    if (cut && !isExcused) findings.push("cut: " + element.textContent);
  }
  return findings;
})()`;
