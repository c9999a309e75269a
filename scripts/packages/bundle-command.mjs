/**
 * Bundles what `segany predict`, `embed` and `segment` load of our packages into a file per process, from the
 * compiled files: loading 250 modules takes longer than the click they are for. `bin/segany.js` runs it.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));
const folder = join(packages, "cli/dist/bundle");

/** The entries of processes: the command's own, and those of its children, which it finds beside it. */
const ENTRIES = {
  "model-main": "cli/dist/model-main.js",
  "node-engine-main": "sam/dist/processes/node-engine-main.js",
  "node-pack-main": "runtime/dist/cache/node-pack-main.js",
};

/** Packages that the command does without where they are not installed. */
const { peerDependencies } = JSON.parse(readFileSync(join(packages, "cli/package.json"), "utf8"));
const isOptional = (id) =>
  Object.keys(peerDependencies).some((name) => id === name || id.startsWith(`${name}/`));

const isOurs = (id) =>
  (id.startsWith("@segany/") && !isOptional(id)) || id.startsWith(".") || id.startsWith(packages);

rmSync(folder, { recursive: true, force: true });
for (const [name, file] of Object.entries(ENTRIES)) {
  const bundle = await rolldown({
    input: { [name]: join(packages, file) },
    platform: "node",
    external: (id) => !isOurs(id),
  });
  await bundle.write({ dir: folder, format: "esm", codeSplitting: false });
  await bundle.close();
}
