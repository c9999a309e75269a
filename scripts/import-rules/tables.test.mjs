/**
 * That the tables of the rules name the packages and folders that exist, and no import of a package that
 * nobody needs.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { LAYERS, NODE_ENTRIES, PACKAGE_USES, TEST_USES } from "./boundaries.mjs";
import { readTree } from "./read-tree.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { packages, files } = readTree(root);
const sources = files.filter(({ kind }) => kind === "source");

/** The first folder of a path below a package's src; nothing for a file of src itself. */
const layerOf = (place) => (place.includes("/") ? [place.split("/")[0]] : []);

it("every package has a line", () => {
  expect(Object.keys(PACKAGE_USES).sort()).toEqual(packages.map(({ folder }) => folder).sort());
});

it.each([
  ["sources", PACKAGE_USES, sources],
  ["tests", TEST_USES, files.filter(({ path }) => /^packages\/[^/]+\/test\//.test(path))],
])("every package that %s may import is imported", (_, table, from) => {
  const unused = Object.entries(table).flatMap(([folder, uses]) => {
    const specifiers = from
      .filter((file) => file.folder === folder)
      .flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
    return uses
      .filter((use) => !specifiers.some((specifier) => `${specifier}/`.startsWith(`${use}/`)))
      .map((use) => `${folder}: ${use}`);
  });
  expect(unused).toEqual([]);
});

it.each(Object.entries(LAYERS))("of %s every folder has a line", (folder, layers) => {
  const folders = sources.filter((file) => file.folder === folder).flatMap(({ place }) => layerOf(place));
  const named = [...Object.keys(layers), ...Object.values(layers).flat()];
  const missing = named.filter((layer) => !existsSync(join(root, "packages", folder, "src", layer)));
  expect(missing).toEqual([]);
  expect([...new Set(folders)].filter((layer) => !(layer in layers))).toEqual([]);
});

it("every entry for Node is there", () => {
  const entries = Object.entries(NODE_ENTRIES).flatMap(([folder, places]) =>
    places.map((place) => `packages/${folder}/src/${place}`),
  );
  expect(entries.filter((path) => !files.some((file) => file.path === path))).toEqual([]);
});
