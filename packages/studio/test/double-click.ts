import type { Page } from "playwright-core";

/** Seconds from one event to the next, by the clock that the page is told. */
const STEP_S = 0.05;

/**
 * Clicks twice in one place, as fast as a person does by the events' own times, however long the browser
 * takes over them.
 *
 * @param laterS how long after now it is said to be, seconds
 */
export async function doubleClick(page: Page, x: number, y: number, { laterS = 0 } = {}): Promise<void> {
  const session = await page.context().newCDPSession(page);
  let timestamp = Date.now() / 1000 + laterS;
  for (const clickCount of [1, 2])
    for (const type of ["mousePressed", "mouseReleased"] as const) {
      await session.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount, timestamp });
      timestamp += STEP_S;
    }
  await session.detach();
}
