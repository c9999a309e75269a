/** The system's dialog for files, which no test may see open. */
import type { Page } from "playwright-core";

export interface FilePayload {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/**
 * Chooses files in the dialog that an action opens.
 *
 * Playwright tells the page to hand over its dialog while it begins to wait, and keys reach the page by other
 * ways. So the page is asked something in between: it answers in order.
 */
export async function chooseFiles(
  page: Page,
  action: () => Promise<unknown>,
  files: string | readonly FilePayload[],
): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.evaluate("0");
  await action();
  await (await chooser).setFiles(typeof files === "string" ? files : [...files]);
}
