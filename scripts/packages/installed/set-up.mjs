/**
 * Before these tests: packs every package, and installs them into a project that has nothing else, outside
 * the checkout and with an empty home folder. Nothing is fetched: the registry is of this machine.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../testing/run-as-user.mjs";
import { startRegistry } from "./local-registry.mjs";
import { nodes } from "./nodes.mjs";
import { writeSnippets } from "./snippets.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let folder;

/** @param {import("vitest/node").TestProject} project gets `packed` and `installed` */
export async function setup(project) {
  const built = [
    "packages/studio/dist/index.html",
    "packages/cli/dist/bundle/model-main.js",
    "packages/sam/detector/model.json",
  ];
  const missing = built.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) throw new Error(`Missing ${missing.join(", ")}: run npm run build first.`);
  folder = mkdtempSync(join(realpathSync(tmpdir()), "segany-installed-"));
  const packed = await timed("packed every package", () => pack(join(folder, "packed")));
  const registry = await startRegistry(root, packed);
  const app = join(folder, "app");
  cpSync(join(import.meta.dirname, "project"), app, { recursive: true });
  cpSync(join(root, "examples/still-life.jpg"), join(app, "examples/still-life.jpg"));
  writeSnippets(root, app);
  try {
    const printed = await timed(`installed them on ${nodes[0].name}`, () => install(app, registry.url));
    project.provide("packed", packed);
    project.provide("installed", { app, printed });
  } finally {
    await registry.close();
  }
}

export function teardown() {
  rmSync(folder, { recursive: true, force: true });
}

/** Packs the packages side by side: most of the time goes to compressing the studio. */
async function pack(destination) {
  mkdirSync(destination);
  return Promise.all(
    readdirSync(join(root, "packages")).map(async (name) => {
      const from = join(root, "packages", name);
      const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
      const [{ filename, files }] = JSON.parse((await run("npm", args, { cwd: from })).stdout);
      const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
      return { manifest, path: join(destination, filename), files: files.map(({ path }) => path) };
    }),
  );
}

/** What npm printed. */
async function install(app, registry) {
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
  const env = { HOME: join(folder, "home"), npm_config_registry: registry };
  const { stdout, stderr } = await run("npm", args, { cwd: app, node: nodes[0].path, env });
  return stdout + stderr;
}

async function timed(what, work) {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${Math.round((performance.now() - start) / 1000)} s`);
  return result;
}
