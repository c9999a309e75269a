#!/usr/bin/env node
import { statSync } from "node:fs";

/** The commands that are bundled: those of src/model-commands.ts. */
const BUNDLED = new Set(["segment", "predict", "embed"]);
/** The packages whose code is in the bundle. */
const PACKAGES = ["cli", "dataset", "graph", "masks", "runtime", "sam"];

const at = (path) => new URL(path, import.meta.url);
const writtenAt = (url) => statSync(url, { throwIfNoEntry: false })?.mtimeMs;

/**
 * Whether the bundle is of the compiled files. In a checkout, a package may have been compiled after it was
 * made.
 */
function isCurrent(bundle) {
  const made = writtenAt(bundle);
  if (made === undefined) return false;
  if (writtenAt(at("../dist/.tsbuildinfo")) === undefined) return true; // published: both are of one build
  return PACKAGES.every((name) => !(writtenAt(at(`../../${name}/dist/.tsbuildinfo`)) > made));
}

const main = at("../dist/main.js");
const bundle = at("../dist/bundle/model-main.js");
if (writtenAt(main) === undefined) {
  console.error("segany is not built yet: run `npm run build` in the project's folder, then retry.");
  process.exit(1);
}
const entry = BUNDLED.has(process.argv[2]) && isCurrent(bundle) ? bundle : main;
await import(entry.href);
