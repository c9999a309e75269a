/** Everything that must hold before a change is merged, in one command: `npm run check`. Stops at the first failure. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

const steps = [
  ["format and lint", bin("biome"), ["check", "--error-on-warnings", "."]],
  ["types", bin("tsc"), ["-b"]],
  ["types of tests", bin("tsc"), ["-p", "tsconfig.tests.json"]],
  ["import rules", process.execPath, ["scripts/check-imports.mjs"]],
  ["API documentation", bin("typedoc"), ["--emit", "none"]],
  ["tests", bin("vitest"), ["run", "--reporter=default", "--reporter=./scripts/closing-line.mjs"]],
];

for (const [name, command, args] of steps) {
  console.log(`\n── ${name}`);
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) {
    console.error(`\ncheck: "${name}" failed${signal ? ` (${signal})` : ""}.`);
    process.exit(status ?? 1);
  }
}
