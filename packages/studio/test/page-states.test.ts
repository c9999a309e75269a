/** In each state that it can be seen in, the page can be used: its layout, and people of all abilities. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { layoutFaults, MOUSE_TARGET_PX, TOUCH_TARGET_PX } from "./page-layout.js";
import { seriousViolations } from "./people-kept-out.js";
import { openShellSite, SCREENS, type Screen, type Shell, type ShellSite } from "./shell-site.js";
import { SHELL_STATES } from "./shell-states.js";

/** Where the page of a phone is another one than that of a window. */
const CHECKED_ON_PHONES = new Set([
  "a mask in the making",
  "the tray",
  "classes",
  "everything, done",
  "an open menu",
  "objects that others have changed, too",
]);

describe.skipIf(!findChromium())("nothing is cut, too small or outside, and nothing keeps people out", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  async function open(state: string, screen: Screen): Promise<void> {
    shell = await site.open({ screen });
    await SHELL_STATES[state]!(shell);
  }

  it.each(Object.keys(SHELL_STATES))("in windows of all sizes and in either theme: %s", async (state) => {
    await open(state, "small");
    for (const { width, height } of [SCREENS.small, SCREENS.large, SCREENS.usual]) {
      await shell.page.setViewportSize({ width, height });
      expect(await layoutFaults(shell.page, MOUSE_TARGET_PX), `${width}x${height}`).toEqual([]);
    }
    expect(await seriousViolations(shell.page)).toEqual([]);
  });

  it.each(Object.keys(SHELL_STATES))("on a phone: %s", async (state) => {
    await open(state, "phone");
    expect(await layoutFaults(shell.page, TOUCH_TARGET_PX)).toEqual([]);
    if (CHECKED_ON_PHONES.has(state)) expect(await seriousViolations(shell.page)).toEqual([]);
  });

  it("finds what is wrong: a button without a name, and a text that is hard to see in the dark only", async () => {
    await open("no image", "usual");
    await shell.page.evaluate("document.body.append(document.createElement('button'))");
    await shell.page.addStyleTag({
      content: `
        .hard { position: fixed; inset: 0; z-index: 99; color: #000; background: #fff }
        @media (prefers-color-scheme: dark) { .hard { color: #222; background: #111 } }`,
    });
    await shell.page.evaluate(
      "document.body.append(Object.assign(document.createElement('p'), { className: 'hard', textContent: 'text' }))",
    );
    expect(await seriousViolations(shell.page)).toEqual([
      expect.stringMatching(/^light, button-name/),
      expect.stringMatching(/^dark, color-contrast/),
    ]);
  });
});
