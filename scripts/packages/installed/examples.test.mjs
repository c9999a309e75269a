/** Every example of the documentation compiles and runs, and prints what its comments say. */
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { run } from "../../testing/run-as-user.mjs";
import { readEntries } from "../entries.mjs";
import { collectExamples, writeExamples } from "./examples.mjs";
import { nodes } from "./nodes.mjs";

const { app } = inject("installed");
const examples = writeExamples(
  join(app, "examples/code"),
  collectExamples(app, inject("packed"), readEntries()),
);

it("compile", async () => {
  const tsc = "node_modules/typescript/bin/tsc";
  await run(process.execPath, [tsc, "--project", "tsconfig.examples.json"], { cwd: app });
});

describe("run", () => {
  const running = examples.filter(({ runs }) => runs);
  const results = {};
  beforeAll(async () => {
    const files = running.map(({ file }) => `./built/examples/code/${file}.js`);
    const env = { SEGANY_CACHE: join(app, "cache") };
    const { stdout } = await run(nodes[0].path, ["run-examples.mjs", ...files], { cwd: app, env });
    Object.assign(results, JSON.parse(stdout));
  });

  it.each(running)("$name", ({ file }) => {
    expect(results[`./built/examples/code/${file}.js`]).toBe("passed");
  });
});
