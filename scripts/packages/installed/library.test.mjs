/** The library as users have it: the README's snippet, in JavaScript and in TypeScript. */
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { run } from "../../testing/run-as-user.mjs";
import { nodes } from "./nodes.mjs";

const { app, printed } = inject("installed");
const env = { SEGANY_CACHE: join(app, "cache") };

it("is installed without a warning, and without install scripts", () => {
  expect(printed).not.toMatch(/warn|deprecated|EBADENGINE/i);
  expect(printed).toMatch(/added \d+ packages/);
});

describe.each(nodes)("on $name, the README's snippet", ({ path }) => {
  it("runs in JavaScript", async () => {
    const { stdout } = await run(path, ["library.js"], { cwd: app, env });
    expectMasks(stdout);
  });
});

describe("in TypeScript, the README's snippet", () => {
  const tsc = (project) =>
    run(process.execPath, ["node_modules/typescript/bin/tsc", "--project", project], { cwd: app });

  it("compiles as modules of Node, and runs", async () => {
    await tsc("tsconfig.nodenext.json");
    expectMasks((await run(nodes[0].path, ["built/library-in-typescript.js"], { cwd: app, env })).stdout);
  });

  it("compiles for a bundler, and docs/browser.md's does", () => tsc("tsconfig.bundler.json"));
});

/** The first line is of three masks at a point, each further one of a mask of everything. */
function expectMasks(stdout) {
  const [prompted, ...everything] = stdout.trimEnd().split("\n");
  expect(prompted).toMatch(/^1200 /);
  expect(prompted).toMatch(/ 3$/);
  expect(everything.length).toBeGreaterThan(5);
  for (const line of everything) expect(line).toMatch(/^\d+ (0\.[89]|1\.)\d+ \[ \d+, \d+, \d+, \d+ \]$/);
}
