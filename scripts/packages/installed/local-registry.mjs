/**
 * A package registry on this machine, so that npm installs our packages as it does for a user, without a
 * network. It has our packages as `npm pack` made them, and of others the versions that are in node_modules
 * here.
 */
import { spawn } from "node:child_process";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";

/**
 * @typedef {{ manifest: Record<string, unknown>, archive: () => import("node:stream").Readable }} Version
 * @param {string} root the checkout
 * @param {readonly { manifest: Record<string, unknown>, path: string }[]} tarballs of our packages
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startRegistry(root, tarballs) {
  const packages = groupByName([
    ...tarballs.map(({ manifest, path }) => ({ manifest, archive: () => createReadStream(path) })),
    ...installedVersions(root),
  ]);
  const server = createServer((request, response) => {
    const [name, version] = decodeURIComponent(request.url.slice(1)).split("/-/");
    const versions = packages.get(name);
    const wanted = versions?.find(({ manifest }) => manifest.version === version);
    if (wanted) wanted.archive().pipe(response);
    else if (versions && version === undefined) response.end(JSON.stringify(packument(url, name, versions)));
    else response.writeHead(404).end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @param {readonly Version[]} versions */
function groupByName(versions) {
  /** @type {Map<string, Version[]>} */
  const packages = new Map();
  for (const version of versions) {
    const { name } = version.manifest;
    packages.set(name, [...(packages.get(name) ?? []), version]);
  }
  return packages;
}

/**
 * What the lock file names, also for other systems: of these npm reads only that they are not for this one.
 */
function installedVersions(root) {
  const { packages } = readJson(join(root, "package-lock.json"));
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes("node_modules/") && !entry.link && !entry.inBundle)
    .map(([path, entry]) => {
      const folder = join(root, path);
      const name = entry.name ?? path.split("node_modules/").at(-1);
      const manifest = existsSync(folder) ? readJson(join(folder, "package.json")) : { name, ...entry };
      return { manifest, archive: () => archiveOf(folder, manifest) };
    });
}

/** The folder as a tar, without the packages that npm has put into it. */
function archiveOf(folder, { bundleDependencies, bundledDependencies = bundleDependencies }) {
  const name = basename(folder);
  const exclude = bundledDependencies ? [] : [`--exclude=${name}/node_modules`];
  const tar = spawn("tar", ["-cf", "-", ...exclude, "-C", dirname(folder), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return tar.stdout;
}

function packument(url, name, versions) {
  const entries = versions.map(({ manifest }) => [
    manifest.version,
    { ...manifest, dist: { tarball: `${url}/${name}/-/${manifest.version}` } },
  ]);
  return { name, "dist-tags": { latest: entries.at(-1)[0] }, versions: Object.fromEntries(entries) };
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
