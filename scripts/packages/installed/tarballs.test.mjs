/** Each package as `npm pack` makes it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, inject, it } from "vitest";
import { run } from "../../testing/run-as-user.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const require = createRequire(import.meta.url);
const attwManifest = require.resolve("@arethetypeswrong/cli/package.json");
const attw = join(dirname(attwManifest), require(attwManifest).bin.attw);

describe.each(inject("packed"))("$manifest.name", ({ manifest, path, files }) => {
  it("holds its licence, its README and no tests", () => {
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "NOTICE", "README.md"]));
    expect(files.filter((file) => /\.test\.|(^|\/)(testing|test|soak)\//.test(file))).toEqual([]);
  });

  it("has entries and types that Node, TypeScript and bundlers find", async () => {
    const tarball = new Uint8Array(readFileSync(path)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    await run(process.execPath, [attw, path, "--profile", "esm-only"], { cwd: dirname(path) });
  });

  it("says whose it is and what it runs on", () => {
    expect(manifest).toMatchObject({ license: "Apache-2.0", type: "module", engines: { node: ">=20.19" } });
  });
});

it("the command holds its recipes and bundles, and asks whether they are current", () => {
  const { manifest, files } = inject("packed").find((packed) => packed.manifest.bin);
  const bundles = ["model-main", "node-engine-main", "node-pack-main"].map(
    (name) => `dist/bundle/${name}.js`,
  );
  expect(files).toEqual(expect.arrayContaining([...bundles, "recipes/sam-paper.yaml"]));
  // Examples in comments import what their readers install.
  const read = (file) => readFileSync(join(root, "packages/cli", file), "utf8").replace(/^\s*\*.*$/gm, "");
  const bundled = bundles.flatMap((file) => [...read(file).matchAll(/^\/\/ packages\/(\w+)\//gm)]);
  const asked = JSON.parse(/PACKAGES = (\[.*\]);/.exec(read("bin/segany.js"))[1]);
  expect(asked).toEqual([...new Set(bundled.map(([, name]) => name))].sort());
  const imported = bundles.flatMap((file) => [...read(file).matchAll(/(?:from |import\()"([^"]+)"/g)]);
  const others = imported.map(([, name]) => name).filter((name) => !/^(node:|\.)/.test(name));
  const isOptional = (name) => name in manifest.peerDependencies;
  expect(Object.keys(manifest.dependencies)).toEqual(
    expect.arrayContaining([...new Set(others.filter((name) => !isOptional(name)))]),
  );
  // One that is optional is imported only where it is used.
  const atStart = bundles.flatMap((file) => [...read(file).matchAll(/^import .*from "([^"]+)"/gm)]);
  expect(atStart.map(([, name]) => name).filter(isOptional)).toEqual([]);
});
