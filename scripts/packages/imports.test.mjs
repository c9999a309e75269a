/**
 * What importing an entry costs: which libraries it loads at once. What is needed for some calls only, these
 * load.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { loadedModules } from "./loaded-modules.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ORT = ["onnxruntime-common", "onnxruntime-node"];
const FILES_OF_DATA_SETS = ["csv-parse", "fast-png", "fast-xml-parser", "tar-stream", "yaml"];

/** Of what our packages depend on, all that each entry loads. */
const LOADS = {
  "@segany/masks": [],
  "@segany/graph": [],
  "@segany/graph/ops": [],
  "@segany/graph/gradients": [],
  "@segany/graph/onnx": [],
  "@segany/graph/weights": [],
  "@segany/runtime": [],
  "@segany/runtime/files": [],
  "@segany/runtime/processes": [],
  "@segany/runtime/node": ORT,
  "@segany/runtime/browser": ["@noble/hashes"],
  "@segany/sam": ORT,
  "@segany/sam/images": [],
  "@segany/sam/training": ORT,
  "@segany/sam/settings": [],
  "@segany/sam/text": ORT,
  "@segany/sam/browser": ["@noble/hashes"],
  "@segany/dataset": FILES_OF_DATA_SETS,
  "@segany/dataset/formats": [],
  "@segany/dataset/readers": ["fast-png", "fast-xml-parser", "yaml"],
  "@segany/dataset/writers": ["fast-png", "fast-xml-parser", "yaml"],
  "@segany/evaluation": [...FILES_OF_DATA_SETS, ...ORT],
  "@segany/evaluation/report": ["@observablehq/plot", "linkedom", ...ORT],
  "@segany/training": [...FILES_OF_DATA_SETS, ...ORT],
  "@segany/training/settings": [],
  "@segany/data-engine": [...FILES_OF_DATA_SETS, "kysely"].sort(),
  "@segany/data-engine/loop": [...FILES_OF_DATA_SETS, "kysely", ...ORT].sort(),
  "@segany/data-engine/replay": ORT,
  "@segany/server": ["@fastify/multipart", "@fastify/static", "fastify", "prom-client", "zod"],
  "@segany/server/blobs": [],
  "@segany/server/contract": ["zod"],
  "@segany/cluster": [
    "@aws-sdk/client-s3",
    "@aws-sdk/lib-storage",
    "@aws-sdk/s3-request-presigner",
    "ioredis",
  ],
};

const manifests = readdirSync(join(root, "packages")).map((folder) =>
  JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")),
);
const dependencies = new Set(manifests.flatMap((manifest) => Object.keys(manifest.dependencies ?? {})));

describe("importing", () => {
  /** @type {string[]} */
  const printed = [];
  afterAll(() => console.log(`Modules that an import loads:\n${printed.sort().join("\n")}`));

  it.each(Object.entries(LOADS))("%s loads no other library than %j", (entry, expected) => {
    const { files, packages, natives } = loadedModules(entry, { cwd: root });
    printed.push(`${String(files.length).padStart(5)}  ${entry}`);
    expect(files.length).toBeGreaterThan(0);
    expect([...packages].filter((name) => dependencies.has(name)).sort()).toEqual([...expected].sort());
    if (expected.length === 0) expect([...packages]).toEqual([]);
    const openers = natives.map((path) => (path.includes("onnxruntime-node") ? "onnxruntime-node" : path));
    expect([...new Set(openers)]).toEqual(expected.filter((name) => name === "onnxruntime-node"));
  });

  it("has a line here for every entry", () => {
    const entries = manifests.flatMap(({ name, exports = {} }) =>
      Object.keys(exports)
        .filter((path) => !path.endsWith(".json"))
        .map((path) => join(name, path).replaceAll("\\", "/")),
    );
    expect(Object.keys(LOADS).sort()).toEqual(entries.sort());
  });
});
