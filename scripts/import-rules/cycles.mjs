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
