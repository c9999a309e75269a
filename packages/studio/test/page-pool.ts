/**
 * Pages for one test after another. One that was used before begins anew, with nothing of what it kept; it
 * costs a quarter of a new one, whose process has to start and to compile everything.
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface PagePool {
  /** A page that shows `url` and has no past. */
  open(url: string, options: BrowserContextOptions): Promise<PooledPage>;
}

export interface PooledPage {
  readonly page: Page;
  /** Leaves the page to the next test. */
  leave(): Promise<void>;
}

export function createPagePool(browser: Browser): PagePool {
  const unused = new Map<string, Page[]>();
  return {
    async open(url, options) {
      const kind = JSON.stringify(options);
      const page = unused.get(kind)?.pop() ?? (await (await browser.newContext(options)).newPage());
      await page.goto(url);
      let isLeft = false;
      return {
        page,
        async leave() {
          if (isLeft) return;
          isLeft = true;
          await forget(page, url, options);
          unused.set(kind, [...(unused.get(kind) ?? []), page]);
        },
      };
    },
  };
}

const KEYS = ["Shift", "Control", "Alt", "Meta", "Space"];

/** Takes everything from a page that the next test could find. */
async function forget(page: Page, url: string, { viewport, hasTouch }: BrowserContextOptions): Promise<void> {
  for (const key of KEYS) await page.keyboard.up(key);
  if (!hasTouch) {
    for (const button of ["left", "middle", "right"] as const) await page.mouse.up({ button });
    await page.mouse.move(-10, -10);
  }
  page.removeAllListeners();
  // Of the same origin, so that the page keeps its process; nothing runs there that could write once more.
  await page.goto(new URL("/nothing", url).href);
  await page.evaluate("sessionStorage.clear()");
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: new URL(url).origin, storageTypes: "all" });
  await session.detach();
  await page.context().clearPermissions();
  await page.emulateMedia({ colorScheme: null });
  if (viewport) await page.setViewportSize(viewport);
}
