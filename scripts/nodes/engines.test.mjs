/** That npm has nothing to warn of on any supported Node, for us and for those who install the packages. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import semver from "semver";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "../testing/run-as-user.mjs";
import { OTHER_NODES } from "./other-nodes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

it.each(OTHER_NODES)("every dependency is for $name", ({ version }) => {
  const refused = Object.entries(readJson("package-lock.json").packages)
    .filter(
      ([, { engines, optional }]) => engines?.node && !optional && !semver.satisfies(version, engines.node),
    )
    .map(([path, { engines }]) => `${path} wants Node ${engines.node}`);
  expect(refused).toEqual([]);
});

/** What `npm ci` says on the oldest Node of these manifests and a lock file, without installing anything. */
async function warningsOf(lock) {
  const folder = mkdtempSync(join(tmpdir(), "segany-engines-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manifests = readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`);
  for (const path of ["package.json", ".npmrc", ...manifests]) cpSync(join(root, path), join(folder, path));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  const { stdout, stderr } = await run("npm", ["ci", "--dry-run", "--offline"], {
    cwd: folder,
    node: OTHER_NODES[0].path,
    env: { HOME: join(folder, "home") },
  });
  return `${stdout}${stderr}`.split("\n").filter((line) => line.startsWith("npm "));
}

describe.skipIf(!OTHER_NODES[0].present)("npm ci on the oldest Node", () => {
  it("warns of nothing", async () => {
    expect(await warningsOf(readJson("package-lock.json"))).toEqual([]);
  });

  it("would warn of a dependency for newer Nodes only", async () => {
    const lock = readJson("package-lock.json");
    lock.packages["node_modules/commander"].engines.node = ">=22";
    expect((await warningsOf(lock)).join("\n")).toContain("package: 'commander@");
  });
});

it("the oldest of these is the oldest that the packages allow", () => {
  const manifests = readdirSync(join(root, "packages")).map((folder) =>
    readJson(`packages/${folder}/package.json`),
  );
  const floors = new Set([readJson("package.json"), ...manifests].map(({ engines }) => engines.node));
  expect([...floors]).toEqual([`>=${OTHER_NODES[0].version.replace(/\.0$/, "")}`]);
});

it("no version is overridden but of what is not published, since an override holds for this checkout alone", () => {
  const overridden = Object.entries(readJson("package.json").overrides);
  for (const [name, replaced] of overridden) {
    // What a package depends on, not its own version.
    expect(Object.values(replaced)).toEqual(Object.keys(replaced).map(() => "npm:empty-npm-package@1.0.0"));
    for (const folder of readdirSync(join(root, "packages")))
      expect(Object.keys(readJson(`packages/${folder}/package.json`).dependencies ?? {})).not.toContain(name);
  }
});
