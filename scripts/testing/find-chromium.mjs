/** Finds the browser that tests drive. Run as a script it prints the path, and fails where there is none. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((variable) =>
    process.env[variable]
      ? [join(process.env[variable], "Google", "Chrome", "Application", "chrome.exe")]
      : [],
  ),
];

/** What to say where there is none. */
export const NO_CHROMIUM =
  "Browser tests were skipped: no Chromium or Chrome was found. Install one (Debian: apt-get install chromium), or name it in CHROME_PATH.";

/**
 * Path of Chromium or Chrome: `CHROME_PATH` if set, else the first in PATH or in the systems' usual places.
 *
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const inPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...inPath, ...PLACES].find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = findChromium();
  console.log(path ?? NO_CHROMIUM);
  process.exitCode = path === undefined ? 1 : 0;
}
