/**
 * Circles of files that import each other, also by types: such files can only be understood together.
 *
 * @param {readonly import("./read-tree.mjs").SourceFile[]} files
 * @returns {string[][]} paths, each importing the next and the last the first
 */
export function findCycles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set();
  const cycles = [];
  const walk = (file, trail) => {
    const start = trail.indexOf(file.path);
    if (start >= 0) cycles.push(trail.slice(start));
    if (start >= 0 || done.has(file.path)) return;
    for (const { target } of file.imports) {
      const next = byPath.get(target);
      if (next) walk(next, [...trail, file.path]);
    }
    done.add(file.path);
  };
  for (const file of files) walk(file, []);
  return cycles;
}

/**
 * Circles of folders: each folder directly below a package's src that imports another one which, by way of
 * others or not, imports it. A file that lies in src itself counts as a folder of its own, and entries and
 * tests do not count.
 *
 * @param {readonly import("./read-tree.mjs").SourceFile[]} files
 * @returns {string[][]} folders, each importing the next and the last the first
 */
export function findFolderCycles(files) {
  const folders = new Map();
  for (const file of files) {
    if (file.kind === "test") continue;
    const path = folderOf(file.path);
    const folder = folders.get(path) ?? { path, imports: [] };
    folders.set(path, folder);
    for (const { target } of file.imports) {
      if (target !== undefined && folderOf(target) !== path)
        folder.imports.push({ target: folderOf(target) });
    }
  }
  return findCycles([...folders.values()]);
}

function folderOf(path) {
  return path.split("/").slice(0, 4).join("/");
}
