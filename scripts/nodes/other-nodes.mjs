/**
 * The Nodes that tests run on besides the one they are started with: the oldest that Segany supports, and
 * newer ones.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const { optionalDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** @type {readonly { name: string, version: string, path: string, present: boolean }[]} oldest first */
export const OTHER_NODES = Object.entries(optionalDependencies).map(([alias, specifier]) => {
  const installed = join(folder, "node_modules", alias);
  const version = specifier.split("@").at(-1);
  return {
    name: `Node ${version}`,
    version,
    path: join(installed, "bin/node"),
    present: existsSync(installed) && versionOf(installed) === version,
  };
});

/** What to say where some are missing; undefined where none is. */
export function missingNodes() {
  const missing = OTHER_NODES.filter(({ present }) => !present).map(({ version }) => version);
  if (missing.length === 0) return undefined;
  const how =
    process.platform === "linux" && process.arch === "x64"
      ? "Run node scripts/nodes/fetch.mjs, which needs the package registry"
      : "Their binaries are for Linux on x64 only";
  return `Tests on Node ${missing.join(", ")} were skipped: they are not here. ${how}.`;
}

/** Some of these packages write "v20.19.0". */
function versionOf(installed) {
  return JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).version.replace(/^v/, "");
}
