// Measures segany beside its peers, part by part, each in a process of its own. Needs a build: npm run build.
// usage: node benchmarks/run.mjs [--only part,part] [--quick] [--json file] [--page file]
//   --only   some of the parts: vit-b vit-l vit-h mobile-sam decoder everything training words wasm start
//            cold team
//   --quick  few rounds: to see that everything runs; nothing is written unless --json or --page says where
//   --json   results are merged into this file by part (docs/performance.json)
//   --page   the table of all parts in that file goes between the marks of this page (docs/performance.md)
// Progress is told on standard error, the table goes to standard output too.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { resolveDevice, runtimeVersion } from "../packages/sam/dist/node.js";
import { FOLDER_PREFIX } from "./lib/arguments.mjs";
import { runChild } from "./lib/child.mjs";
import { markdownTable, writeBetweenMarks } from "./lib/table.mjs";

const PARTS = {
  "vit-b": ["../parts/vit.mjs", "--model", "vit_b"],
  "vit-l": ["../parts/vit.mjs", "--model", "vit_l"],
  "vit-h": ["../parts/vit.mjs", "--model", "vit_h"],
  "mobile-sam": ["../parts/mobile-sam.mjs"],
  decoder: ["../parts/decoder.mjs"],
  everything: ["../parts/everything.mjs"],
  training: ["../parts/training.mjs"],
  words: ["../parts/words.mjs"],
  wasm: ["../parts/wasm.mjs"],
  start: ["../parts/start.mjs"],
  cold: ["../parts/cold.mjs"],
  team: ["../parts/team.mjs"],
};
const root = resolve(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    page: { type: "string" },
  },
});
const chosen = options.only?.split(",") ?? Object.keys(PARTS);
const unknown = chosen.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join()}; there are ${Object.keys(PARTS).join(", ")}.`);
const json = options.json ?? (options.quick ? undefined : join(root, "docs/performance.json"));
const page = options.page ?? (options.quick ? undefined : join(root, "docs/performance.md"));

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
const commit = git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "packages") ? "+" : "");
const machine = {
  processor: cpus()[0].model.trim(),
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.versions.node,
  onnxRuntime: runtimeVersion,
  threads: resolveDevice().threads,
};
const load = () => loadavg()[0].toFixed(2);
const switches = [...(options.only ? [`--only ${options.only}`] : []), ...(options.quick ? ["--quick"] : [])];
const command = ["npm run bench", ...(switches.length > 0 ? ["--", ...switches] : [])].join(" ");

async function measure(name, folder) {
  process.stderr.write(`${name}\n`);
  const [before, start] = [load(), performance.now()];
  const [script, ...args] = PARTS[name];
  const { gflops, rows } = await runChild(script, [
    ...args,
    "--folder",
    folder,
    ...(options.quick ? ["--quick"] : []),
  ]);
  return {
    gflops,
    rows: rows.map((row) => ({ gflops, ...row })),
    seconds: Math.round((performance.now() - start) / 1000),
    load: [before, load()],
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    commit,
    command,
    machine,
  };
}

/** In the order of the parts, whatever was measured first. */
const inOrder = (parts) =>
  Object.fromEntries(Object.keys(PARTS).flatMap((name) => (parts[name] ? [[name, parts[name]]] : [])));

let parts = json && existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : {};
const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
try {
  for (const name of chosen) {
    parts = inOrder({ ...parts, [name]: await measure(name, folder) });
    if (json) writeFileSync(json, `${JSON.stringify(parts, null, 1)}\n`); // what was measured stays if a later part fails
    if (name === "vit-l" || name === "vit-h") {
      // gigabytes that no other part needs
      rmSync(join(folder, "graphs"), { recursive: true, force: true });
      rmSync(join(folder, `${name.replace("-", "_")}.pth`));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (page) writeBetweenMarks(page, markdownTable(parts));
console.log(markdownTable(parts));
