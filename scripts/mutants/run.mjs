/**
 * `npm run mutants`: changes the code in one place at a time, and lists the changes that no test of the same
 * package notices. Ends with a table of the share noticed ("killed"), and with status 1 where it is below
 * 95 %. Takes hours. Parts: `npm run mutants -- sam`, `npm run mutants -- packages/masks/src/rle.ts`.
 */
import { Stryker } from "@stryker-mutator/core";
import { selectParts } from "./parts.mjs";

const AIM = 95;

const rows = [];
for (const part of selectParts(process.argv.slice(2))) {
  // Read by vitest.config.ts, in the processes that run the tests.
  process.env.SEGANY_MUTANTS_PACKAGE = part.package;
  const configFile = "scripts/mutants/stryker.config.mjs";
  const results = await new Stryker({ configFile, mutate: part.mutate }).runMutationTest();
  rows.push({ name: part.mutate.length === 1 ? part.mutate[0] : part.package, ...count(results) });
}
console.log("\n| part | mutants | killed | share |\n|---|---|---|---|");
for (const { name, all, killed, share } of rows)
  console.log(`| ${name} | ${all} | ${killed} | ${share.toFixed(1)} % |`);
if (rows.some(({ share }) => share < AIM)) process.exitCode = 1;

/** Mutants that never ran (module constants, marked as equivalent, not compiling) don't count. */
function count(results) {
  const having = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length;
  const killed = having("Killed", "Timeout");
  const all = killed + having("Survived", "NoCoverage");
  return { all, killed, share: all === 0 ? 100 : (100 * killed) / all };
}
