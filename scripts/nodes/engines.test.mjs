/** That npm has nothing to warn of on any supported Node, for us and for those who install the packages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import semver from "semver";
import { expect, it } from "vitest";
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

it("the oldest of these is the oldest that the packages allow", () => {
  const manifests = readdirSync(join(root, "packages")).map((folder) =>
    readJson(`packages/${folder}/package.json`),
  );
  const floors = new Set([readJson("package.json"), ...manifests].map(({ engines }) => engines.node));
  expect([...floors]).toEqual([`>=${OTHER_NODES[0].version.replace(/\.0$/, "")}`]);
});

it("no version is overridden, since an override holds for this checkout alone", () => {
  expect(readJson("package.json").overrides).toBeUndefined();
});
