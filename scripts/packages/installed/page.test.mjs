/** A page that bundles the library and its worker with Vite, without any setting. */
import { join } from "node:path";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { findChromium } from "../../testing/find-chromium.mjs";
import { launchChromium } from "../../testing/launch-chromium.mjs";
import { run } from "../../testing/run-as-user.mjs";
import { serveFolder } from "../../testing/serve-folder.mjs";
import { nodes } from "./nodes.mjs";

const { app } = inject("installed");

/** Which of the canvas's pixels are red: at the click, in a corner, and of all. */
function redPixels() {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const isRed = (i) => data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 0;
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (isRed(i)) count++;
  const at = (x, y) => isRed(4 * (y * canvas.width + x));
  return { clicked: at(610, 430), corner: at(5, 5), share: count / (canvas.width * canvas.height) };
}

describe.skipIf(!findChromium())("a page with @segany/sam/browser", () => {
  it("is built by Vite, and shows the object that docs/browser.md clicks", async () => {
    await run("npx", ["vite", "build", "page", "--base", "./"], { cwd: app, node: nodes.at(-1).path });
    const server = await serveFolder(join(app, "page/dist"));
    onTestFinished(server.close);
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(server.url);
    await expect
      .poll(async () => [await page.getByRole("status").textContent(), ...complaints])
      .toEqual(["A mask of 1200 x 800 pixels"]);
    const { clicked, corner, share } = await page.evaluate(redPixels);
    expect({ clicked, corner }).toEqual({ clicked: true, corner: false });
    expect(share).toBeGreaterThan(0.005);
    expect(share).toBeLessThan(0.1);
  });
});
