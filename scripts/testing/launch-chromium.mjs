import { chromium } from "playwright-core";
import { findChromium } from "./find-chromium.mjs";
import { LIMITS } from "./limits.mjs";

const QUIET = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Software rendering in place of a graphics processor, and an adapter for WebGPU made of it. */
export const SWIFTSHADER = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** A camera that shows a moving image, and leave to use it. */
export const FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/**
 * Starts the Chromium that {@link findChromium} finds, without a window and with an empty profile. Its pages
 * wait for events as long as {@link LIMITS} says.
 *
 * @param {{ args?: readonly string[] }} [options] further switches
 */
export async function launchChromium({ args = ["--disable-gpu"] } = {}) {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium here; ask findChromium first.");
  const browser = await chromium.launch({
    executablePath,
    args: [...QUIET, ...args],
    timeout: LIMITS.eventMs,
  });
  browser.on("context", (context) => context.setDefaultTimeout(LIMITS.eventMs));
  return browser;
}
