/**
 * Everything that must hold before a change is merged, in one command: `npm run check`. Stops at the first
 * failure.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The script behind a package's command: run by this Node itself, it needs no shell on any system. */
function script(packageName, command) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, bin[command]);
}

const tsc = script("typescript", "tsc");
const knip = script("knip", "knip");

const steps = [
  ["Format and lint", [script("@biomejs/biome", "biome"), "check", "--error-on-warnings", "."]],
  ["Types, and the build", [tsc, "--build"]],
  ["Types of tests", [tsc, "--project", "tsconfig.tests.json"]],
  ["Import rules", ["scripts/check-imports.mjs"]],
  ["Unused files, exports and dependencies", [knip, "--no-progress", "--no-config-hints"]],
  ["The same without tests", [knip, "--no-progress", "--no-config-hints", "--production"]],
  ["API documentation", [script("typedoc", "typedoc"), "--emit", "none"]],
  ["The detector's files", ["scripts/packages/copy-detector.mjs"]],
  ["The command's bundle", ["scripts/packages/bundle-command.mjs"]],
  ["The studio's build", [script("vite", "vite"), "build", "--logLevel", "warn", "packages/studio"]],
  ["The studio's size", ["scripts/check-studio-size.mjs"]],
  ["Other Nodes", ["scripts/nodes/fetch.mjs"]],
  ["Tests", [script("vitest", "vitest"), "run"]],
];

console.log(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
for (const [name, command] of steps) {
  console.log(`\n── ${name}`);
  const { status, signal, error } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  const how = error?.message ?? (signal ? `ended by ${signal}` : `exit status ${status}`);
  console.error(`\nCheck failed at "${name}" (${how}).`);
  process.exit(status ?? 1);
}
