/**
 * The packages that an installation brings, with versions and licences, as the lock file has them. Run by
 * itself it writes them into NOTICE.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("..", import.meta.url);
const BEGIN = "Packages of an installation\n---------------------------\n";

/** "name version: licence" of each package that isn't for development alone, by name. */
export function thirdPartyLines() {
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8"));
  const { devDependencies: bundled = {} } = packages["packages/studio"]; // the built page contains them
  const isBundled = (name) => name in bundled && !/^(@types\/|@vitejs\/|vite$)/.test(name);
  const lines = Object.entries(packages)
    .filter(
      ([place, { dev, devOptional, link }]) =>
        place.includes("node_modules/") &&
        !link &&
        ((!dev && !devOptional) || isBundled(place.split("node_modules/").at(-1))),
    )
    .map(([place, { version, license }]) => `${place.split("node_modules/").at(-1)} ${version}: ${license}`);
  return [...new Set(lines)].sort();
}

/** NOTICE with the list of packages made anew. */
export function noticeWithPackages(notice) {
  const start = notice.indexOf(BEGIN);
  if (start < 0) throw new Error(`NOTICE has no section "${BEGIN.split("\n")[0]}".`);
  return `${notice.slice(0, start + BEGIN.length)}${thirdPartyLines().join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL("NOTICE", root);
  writeFileSync(file, noticeWithPackages(readFileSync(file, "utf8")));
}
