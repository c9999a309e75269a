import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Functions that write a file, or give one its name. */
const WRITES =
  /\b(writeFile|appendFile|createWriteStream|copyFile|cp|rename|truncate|symlink|link)(Sync)?\b(?=[^;]*from "node:fs)|\.toFile\(/;

/** Where they are used, and why that harms nothing of the user's. */
const KNOWN = {
  "node-atomic-file.ts": "the one place for files that appear whole",
  "node-atomic-write.ts": "adds to devices and open files that the user has named",
  "node-part-file.ts": "parts of downloads, claimed by name; links are refused",
  "node-graph-cache.ts": "folders of built graphs, under names of their hash",
  "node-spill.ts": "in a temporary folder of its own",
  "local-blob-store.ts": "the server's own, marked folder",
  "holder.ts": "a note in the server's own, marked folder",
  "image-tasks.ts": "images in the server's own, marked folder",
  "local-copies.ts": "copies of objects, in a folder of its own",
  "model-files.ts": "moves runs and whole checkpoints inside the marked data folder",
  "metrics-file.ts": "adds lines to the metrics in a run's own folder",
  "open-s3-folder.ts": "copies of objects in a temporary folder of its own",
  "unpack-zip.ts": "in a new folder that the work made in the server's own",
  "import-set.ts": "in the folder of the work, in the server's own",
  "receive-upload.ts": "new files only, in the server's own folder",
};

it("files are written in one place, or where it is known why not", () => {
  const found = new Set();
  for (const name of readdirSync(`${root}/packages`, { recursive: true })) {
    const isSource =
      /\/src\/.*\.tsx?$/.test(name) && !/\.test\.tsx?$|\/testing\/|node_modules|\/dist\//.test(name);
    if (isSource && WRITES.test(withoutComments(readFileSync(`${root}/packages/${name}`, "utf8"))))
      found.add(name.split("/").at(-1));
  }
  expect([...found].filter((name) => !Object.hasOwn(KNOWN, name))).toEqual([]);
  expect([...found]).toContain("node-atomic-file.ts");
});

/** Examples in doc comments write files of their readers. */
function withoutComments(source) {
  return source.replace(/\/\*\*[\s\S]*?\*\//g, "");
}
