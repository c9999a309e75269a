import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openShellSite, type Screen, type Shell, type ShellSite } from "./shell-site.js";
import { SHELL_STATES } from "./shell-states.js";

const THEMES = ["light", "dark"] as const;

/** Violations that keep people out, as "rule: elements". */
async function seriousViolations({ page }: Shell): Promise<string[]> {
  await page.evaluate(axe.source);
  // Tooltips and buttons fade: colours are looked at once they stand still.
  await page.waitForFunction("document.getAnimations().every((each) => !(each instanceof CSSTransition))");
  const violations = await page.evaluate<axe.Result[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`,
    );
}

describe.skipIf(!findChromium())("nothing keeps people out, in either theme", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  /** In both themes, one after the other. */
  async function check(state: string, screen: Screen): Promise<void> {
    shell = await site.open({ screen });
    await SHELL_STATES[state]!(shell);
    for (const colorScheme of THEMES) {
      await shell.page.emulateMedia({ colorScheme });
      expect(await seriousViolations(shell), colorScheme).toEqual([]);
    }
  }

  it.each(Object.keys(SHELL_STATES))("%s", (state) => check(state, "usual"));

  it.each([
    "a mask in the making",
    "the tray",
    "everything, done",
    "an open menu",
    "objects that others have changed, too",
  ])("on a phone: %s", (state) => check(state, "phone"));

  it("finds what is wrong: a button without a name", async () => {
    shell = await site.open();
    await shell.page.evaluate("document.body.append(document.createElement('button'))");
    expect(await seriousViolations(shell)).toHaveLength(1);
  });
});
