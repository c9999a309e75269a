/**
 * What an import brings with it: every module that Node compiled for it, and the native libraries it opened.
 */
import { spawnSync } from "node:child_process";

/**
 * Runs in a process of its own. The debugger's events name ES modules and CommonJS alike, on every supported
 * Node.
 */
const PROBE = (specifier) => `
import { Session } from "node:inspector";
const session = new Session();
const urls = [];
session.connect();
session.on("Debugger.scriptParsed", ({ params: { url } }) => urls.push(url));
session.post("Debugger.enable");
urls.length = 0;
await import(${JSON.stringify(specifier)});
const { sharedObjects } = process.report.getReport();
process.stdout.write(JSON.stringify({ urls, sharedObjects }));
`;

/** The package that a file of node_modules belongs to, the innermost one. */
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/**
 * @param {string} specifier of a module, seen from `cwd`
 * @param {{ cwd: string, node?: string }} options
 * @returns {{ files: string[], packages: Set<string>, natives: string[] }} `files` of all packages and of
 * ours; `packages`: those of others, by name; `natives`: paths of libraries from node_modules
 */
export function loadedModules(specifier, { cwd, node = process.execPath }) {
  const { stdout, stderr, status } = spawnSync(node, ["--input-type=module", "--eval", PROBE(specifier)], {
    cwd,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`import("${specifier}") failed:\n${stderr}`);
  const { urls, sharedObjects } = JSON.parse(stdout);
  const files = urls.filter((url) => /^(file:|[\\/]|[A-Z]:)/.test(url));
  const packages = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1].replace("\\", "/") ?? []));
  return { files, packages, natives: sharedObjects.filter((path) => PACKAGE.test(path)) };
}
