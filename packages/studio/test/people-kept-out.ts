/** What keeps people out of a page, as axe finds it. */
import axe from "axe-core";
import type { Page } from "playwright-core";

export type Theme = "light" | "dark";

/** What depends on colours. Themes share all else: they change nothing but the values of colours. */
const RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** Serious and critical violations in both themes, as "theme, rule: elements". The page is left as it was. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const light = await violationsIn(page, "light", {});
  const dark = await violationsIn(page, "dark", { runOnly: RULES_OF_COLOURS });
  await page.emulateMedia({ colorScheme: null });
  return [...light, ...dark];
}

async function violationsIn(page: Page, theme: Theme, rules: axe.RunOptions): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  // Tooltips and buttons fade: colours are looked at once they stand still.
  await page.waitForFunction("document.getAnimations().every((each) => !(each instanceof CSSTransition))");
  const options: axe.RunOptions = { resultTypes: ["violations"], ...rules };
  const violations = await page.evaluate<axe.Result[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${theme}, ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`,
    );
}
