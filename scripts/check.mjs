/** Everything that must hold before a change is merged, in one command: `npm run check`. Stops at the first failure. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** The script behind a package's command: run by this Node itself, it needs no shell on any system. */
function script(packageName, command) {
  const manifestPath = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifestPath);
  return join(dirname(manifestPath), bin[command]);
}

const tsc = script("typescript", "tsc");

const steps = [
  ["Format and lint", [script("@biomejs/biome", "biome"), "check", "--error-on-warnings", "."]],
  ["Types, and the build", [tsc, "--build"]],
  ["Types of tests", [tsc, "--project", "tsconfig.tests.json"]],
  ["Import rules", ["scripts/check-imports.mjs"]],
  ["API documentation", [script("typedoc", "typedoc"), "--emit", "none"]],
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
