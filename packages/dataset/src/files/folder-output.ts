import { dirname, join } from "node:path";
import { makeFolderInside, writeFileInside } from "@segany/runtime/files";
import type { DatasetOutput } from "../output.js";
import { openFileSink } from "./file-sink.js";
import { writing } from "./files.js";

/**
 * A folder to write into that may hold files of others: what has the name of a file that is written is
 * replaced. Whose it is, the caller has to know. Files appear whole or not at all, and links below the folder
 * are not followed.
 *
 * @example
 * import { createPngWriter } from "@segany/dataset/formats";
 * const writer = createPngWriter(({ data }) => data); // a PNG encoder of your choice
 * const { images } = await writer.write(dataset, createFolderOutput("png-masks"), { images: "none" });
 * console.log(images); // 2
 */
export function createFolderOutput(folder: string): DatasetOutput {
  return {
    async write(name, data) {
      await writing(join(folder, name), () => writeFileInside(folder, name, data));
      return "written";
    },
    async open(name) {
      const path = join(folder, name);
      await writing(path, () => makeFolderInside(folder, dirname(path)));
      const sink = await openFileSink(path);
      return {
        ...sink,
        async finish() {
          await sink.finish();
          return "written";
        },
      };
    },
  };
}
