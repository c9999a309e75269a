/** What the public entries of the built packages export, as TypeScript sees it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));

/**
 * @typedef {object} Entry
 * @property {string} name as it is imported: "@segany/graph/ops"
 * @property {readonly Exported[]} exports sorted by name
 *
 * @typedef {object} Exported
 * @property {string} name
 * @property {"class" | "constant" | "function" | "type"} kind
 * @property {readonly string[]} examples the text of each `@example`, also those of a class's methods
 *
 * @returns {Entry[]}
 */
export function readEntries() {
  const files = new Map(readdirSync(packages).sort().flatMap(typesOf));
  const program = ts.createProgram([...files.values()], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
  });
  const checker = program.getTypeChecker();
  return [...files].map(([name, file]) => {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(file));
    const exports = checker.getExportsOfModule(symbol).map((exported) => describe(exported, checker));
    return { name, exports: exports.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

/** Every entry of a package with its file of types. */
function typesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([path]) => !path.endsWith(".json"))
    .map(([path, { types }]) => [`${name}${path.slice(1)}`, join(packages, folder, types)]);
}

function describe(exported, checker) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const members = symbol.flags & ts.SymbolFlags.Class ? [...symbol.members.values()] : [];
  const examples = [symbol, ...members].flatMap((each) =>
    each
      .getJsDocTags(checker)
      .filter((tag) => tag.name === "example")
      .map((tag) => ts.displayPartsToString(tag.text)),
  );
  return { name: exported.name, kind: kindOf(symbol), examples };
}

function kindOf({ flags }) {
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Function) return "function";
  return flags & ts.SymbolFlags.Value ? "constant" : "type";
}
