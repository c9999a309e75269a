import type { Page } from "playwright-core";

/** Where a finger is put down and where it is lifted, CSS pixels of the page. */
export type Finger = readonly [from: readonly [x: number, y: number], to: readonly [x: number, y: number]];

const STEPS = 5;

/** Puts one finger on the page and then another, and moves both at once. */
export async function pinch(page: Page, fingers: readonly [Finger, Finger]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const touch = (
    type: "touchStart" | "touchMove" | "touchEnd",
    places: readonly (readonly [number, number])[],
  ) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: places.map(([x, y], id) => ({ x, y, id })),
    });
  const placesAt = (step: number) =>
    fingers.map(
      ([[x0, y0], [x1, y1]]) => [x0 + ((x1 - x0) * step) / STEPS, y0 + ((y1 - y0) * step) / STEPS] as const,
    );
  await touch("touchStart", placesAt(0).slice(0, 1));
  await touch("touchStart", placesAt(0));
  for (let step = 1; step <= STEPS; step++) await touch("touchMove", placesAt(step));
  await touch("touchEnd", []);
}
