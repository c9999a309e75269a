/** The packages and their TypeScript files, as the rules see them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, posix, relative, sep } from "node:path";
import { readImports } from "./read-imports.mjs";

/**
 * @typedef {import("./read-imports.mjs").Import & { target: string | undefined }} Edge
 *   `target`: the file that a relative import means; undefined for a package
 * @typedef {object} SourceFile
 * @property {string} path from the repository's root, with slashes
 * @property {string} folder of its package: "sam"
 * @property {string} place below the package's src: "masks/rle.ts"; the path from the package's folder for
 * others
 * @property {"source" | "test"} kind what lies outside src, tests beside the code and folders named testing
 * are tests
 * @property {Edge[]} imports
 * @typedef {object} Package
 * @property {string} folder
 * @property {string} name
 * @property {ReadonlySet<string>} dependencies what its published code may import
 * @property {ReadonlySet<string>} devDependencies what only its tests may import
 * @property {ReadonlySet<string>} entries its public files, by path
 */

const PARTS = ["src", "test", "soak"];

/**
 * @param {string} root the repository
 * @returns {{ packages: Package[], files: SourceFile[] }}
 */
export function readTree(root) {
  const folders = readdirSync(join(root, "packages")).filter((folder) =>
    existsSync(join(root, "packages", folder, "package.json")),
  );
  const shared = Object.keys(readJson(join(root, "package.json")).devDependencies ?? {});
  return {
    packages: folders.map((folder) => readPackage(root, folder, shared)),
    files: folders.flatMap((folder) => readFiles(root, folder)),
  };
}

function readPackage(root, folder, shared) {
  const manifest = readJson(join(root, "packages", folder, "package.json"));
  const targets =
    JSON.stringify([manifest.exports ?? {}, manifest.bin ?? {}]).match(/\.\/dist\/[^"]+\.js/g) ?? [];
  // A bundle carries what it imports: whoever installs it needs none of it.
  const bundled = existsSync(join(root, "packages", folder, "vite.config.ts")) && manifest.devDependencies;
  return {
    folder,
    name: manifest.name,
    dependencies: new Set(
      Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...bundled }),
    ),
    devDependencies: new Set([...Object.keys(manifest.devDependencies ?? {}), ...shared]),
    entries: new Set(
      ["./dist/index.js", ...targets].map((target) =>
        posix.join("packages", folder, target.replace("./dist/", "src/").replace(/\.js$/, ".ts")),
      ),
    ),
  };
}

function readFiles(root, folder) {
  return PARTS.map((part) => join(root, "packages", folder, part))
    .filter(existsSync)
    .flatMap((start) =>
      readdirSync(start, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .sort()
    .map((path) => readFile(root, folder, path));
}

function readFile(root, folder, absolute) {
  const path = relative(root, absolute).split(sep).join("/");
  return describeFile(path, folder, readFileSync(absolute, "utf8"));
}

/**
 * @param {string} path
 * @param {string} folder
 * @param {string} text
 * @returns {SourceFile}
 */
export function describeFile(path, folder, text) {
  const inSrc = path.startsWith(`packages/${folder}/src/`);
  const isTest = !inSrc || /\.test\.tsx?$/.test(basename(path)) || path.includes("/testing/");
  const imports = readImports(text).map((found) => ({ ...found, target: targetOf(path, found.specifier) }));
  return {
    path,
    folder,
    place: path.slice(`packages/${folder}/${inSrc ? "src/" : ""}`.length),
    kind: isTest ? "test" : "source",
    imports,
  };
}

/** NodeNext imports name the JavaScript that a TypeScript file becomes. */
function targetOf(path, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(path), specifier).replace(/\.js(x?)$/, ".ts$1");
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
