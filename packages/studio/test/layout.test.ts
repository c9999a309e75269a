import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openShellSite, SCREENS, type Shell, type ShellSite } from "./shell-site.js";
import { SHELL_STATES } from "./shell-states.js";

/** Least width and height of what is clicked, and of what is tapped, CSS pixels. */
const MOUSE_TARGET_PX = 24;
const TOUCH_TARGET_PX = 44;

/** Runs in the page: what is cut, too small, or out of the window. */
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

describe.skipIf(!findChromium())("nothing is cut, too small to hit, or out of the window", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  it.each(Object.keys(SHELL_STATES))("in windows of all sizes: %s", async (state) => {
    shell = await site.open({ screen: "small" });
    await SHELL_STATES[state]!(shell);
    for (const { width, height } of [SCREENS.small, SCREENS.usual, SCREENS.large]) {
      await shell.page.setViewportSize({ width, height });
      expect(await shell.page.evaluate(measure(MOUSE_TARGET_PX)), `${width}x${height}`).toEqual([]);
    }
  });

  it.each(Object.keys(SHELL_STATES))("on a phone: %s", async (state) => {
    shell = await site.open({ screen: "phone" });
    await SHELL_STATES[state]!(shell);
    expect(await shell.page.evaluate(measure(TOUCH_TARGET_PX))).toEqual([]);
  });
});
