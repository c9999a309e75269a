/** Every Node from the oldest supported on: the packages without libraries, and the demo. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../testing/run-as-user.mjs";
import { OTHER_NODES } from "./other-nodes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "segany-nodes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script of the checkout on a Node; gives what it printed. */
async function runOn(node, ...args) {
  const env = { SEGANY_CACHE: join(folder, "cache") };
  return (await run(node, args, { cwd: root, node, env })).stdout;
}

/** The demo with fewer questions to the model. */
async function demo(node, name) {
  const output = join(folder, name);
  const options = ["--points-per-side", "8", "--output", output];
  await runOn(node, "packages/cli/bin/segany.js", "segment", "examples/still-life.jpg", ...options);
  return JSON.parse(readFileSync(join(output, "still-life.json"), "utf8"));
}

/** What the demo finds on the Node of this run, found once. */
let found;
function expected() {
  found ??= demo(process.execPath, "own");
  return found;
}

describe.each(OTHER_NODES)("$name", ({ name, version, path, present }) => {
  it.skipIf(!present)("passes the tests of masks and graph", async () => {
    const folders = ["packages/masks", "packages/graph"];
    const printed = await runOn(
      path,
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project",
      "unit",
      ...folders,
    );
    const [node, counts] = printed.trimEnd().split("\n").slice(-2);
    expect(node).toContain(`Node ${version} `);
    expect(counts).toMatch(/^\d{3} passed, 0 failed, /);
  });

  it.skipIf(!present)("finds the masks that this Node finds", async () => {
    const { annotations } = await demo(path, name);
    expect(annotations.length).toBeGreaterThan(5);
    expect(annotations).toEqual((await expected()).annotations);
  });
});
