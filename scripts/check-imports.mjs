/**
 * Checks the imports between packages and between the folders inside them (docs/architecture.md, "Import
 * rules"): prints each import that breaks a rule, and exits with 1 if there is any.
 */
import { fileURLToPath } from "node:url";
import { checkBoundaries } from "./import-rules/boundaries.mjs";
import { findCycles, findFolderCycles } from "./import-rules/cycles.mjs";
import { readTree } from "./import-rules/read-tree.mjs";

const tree = readTree(fileURLToPath(new URL("..", import.meta.url)));
const violations = checkBoundaries(tree);
const cycles = findCycles(tree.files);
const folderCycles = findFolderCycles(tree.files);

for (const { path, line, message } of violations) console.error(`${path}:${line}: ${message}`);
for (const cycle of cycles)
  console.error(`Files import each other in a circle: ${[...cycle, cycle[0]].join(" → ")}`);
for (const cycle of folderCycles)
  console.error(`Folders import each other in a circle: ${[...cycle, cycle[0]].join(" → ")}`);

const found = violations.length + cycles.length + folderCycles.length;
const imports = tree.files.reduce((total, file) => total + file.imports.length, 0);
if (found > 0) console.error(`\n${found} imports break the rules of docs/architecture.md.`);
else console.log(`${imports} imports of ${tree.files.length} files follow the rules.`);
process.exitCode = found > 0 ? 1 : 0;
