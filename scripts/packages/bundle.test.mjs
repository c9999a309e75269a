/**
 * Which of its two forms the command runs: the bundle, or the compiled modules where the bundle is not of
 * them.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));
const BUNDLE = "cli/dist/bundle/model-main.js";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "segany-bundle-"));
  cpSync(join(packages, "cli/bin"), join(folder, "cli/bin"), { recursive: true });
  cpSync(join(packages, "cli/package.json"), join(folder, "cli/package.json"));
  write("cli/dist/main.js", 'console.log("modules")', 100);
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

/** @param {number} seconds of its time */
function write(path, text, seconds) {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, seconds, seconds);
}

const run = (...args) =>
  execFileSync(process.execPath, [join(folder, "cli/bin/segany.js"), ...args], { encoding: "utf8" }).trim();

it("is the bundle for a command with a model, where the package is published", () => {
  write(BUNDLE, 'console.log("bundle")', 200);
  expect(run("predict", "photo.jpg")).toBe("bundle");
  expect(run("serve")).toBe("modules");
  expect(run("--help")).toBe("modules");
});

it("is the bundle in a checkout while it is newer than every package, and else the modules", () => {
  write("cli/dist/.tsbuildinfo", "", 100);
  write("sam/dist/.tsbuildinfo", "", 100);
  expect(run("predict")).toBe("modules");
  write(BUNDLE, 'console.log("bundle")', 200);
  expect(run("predict")).toBe("bundle");
  write("sam/dist/.tsbuildinfo", "", 300);
  expect(run("predict")).toBe("modules");
});
