/**
 * Benchmarks run by hand, months apart: what they take from the packages has to be where they look for it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { run } from "../testing/run-as-user.mjs";

const folder = fileURLToPath(new URL("../../benchmarks", import.meta.url));
const IMPORT = /^import (?:(\w+)|\* as \w+|\{([^}]*)\}) from "([^"]+)";/gm;
/** Files of the project that are named in a string: "../packages/cli/bin/segany.js". */
const PATH = /"((?:\.\.\/)+(?:packages|scripts|examples|docs)\/[^"]*)"|root, "([^"]+)"/g;

const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".mjs"),
);

/** Each import of a file, with the names that it takes. */
function importsOf(text) {
  return [...text.matchAll(IMPORT)].map(([, whole, names, specifier]) => ({
    specifier,
    names: whole
      ? ["default"]
      : (names ?? "")
          .split(",")
          .map((name) => name.trim().split(" as ")[0])
          .filter(Boolean),
  }));
}

function urlOf(path, specifier) {
  if (specifier.startsWith("node:")) return specifier;
  const file = specifier.startsWith(".")
    ? resolve(dirname(path), specifier)
    : createRequire(path).resolve(specifier);
  return pathToFileURL(file).href;
}

/** The names that modules export, from a Node of its own: it imports what is built as benchmarks do. */
async function exportsOf(urls) {
  const code = `const found = {};
    for (const url of ${JSON.stringify(urls)})
      found[url] = await import(url).then(Object.keys, (error) => [String(error)]);
    console.log(JSON.stringify(found)); process.exit();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: folder });
  return JSON.parse(stdout);
}

it("every benchmark finds all that it imports, by name", async () => {
  const wanted = scripts.flatMap((script) => {
    const path = join(folder, script);
    const text = readFileSync(path, "utf8");
    const imports = importsOf(text);
    expect(imports, script).toHaveLength((text.match(/^import\b/gm) ?? []).length);
    return imports.map(({ specifier, names }) => ({ script, names, url: urlOf(path, specifier) }));
  });
  const exported = await exportsOf([...new Set(wanted.map(({ url }) => url))]);
  const missing = wanted.flatMap(({ script, names, url }) =>
    names
      .filter((name) => !exported[url].includes(name))
      .map((name) => `${script}: ${name} from ${url} (${exported[url]})`),
  );
  expect(wanted.length).toBeGreaterThan(60);
  expect(missing).toEqual([]);
});

it("every file of the project that a benchmark names is there", () => {
  const named = scripts.flatMap((script) => {
    const text = readFileSync(join(folder, script), "utf8");
    return [...text.matchAll(PATH)].map(([, beside, below]) =>
      beside ? resolve(dirname(join(folder, script)), beside) : resolve(folder, "..", below),
    );
  });
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});
