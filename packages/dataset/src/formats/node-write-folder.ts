import { openOutputFolder } from "../files/output-folder.js";
import type { DatasetFormat, DatasetWriter } from "./format.js";

/**
 * The part of a `DatasetFormat` that writes, for formats whose folders hold nothing but the writer's files.
 */
export function writesFolders(writer: DatasetWriter): Pick<DatasetFormat, "writer" | "write"> {
  return {
    writer,
    async write(dataset, path, options = {}) {
      const { images = "copy" } = options;
      const output = await openOutputFolder(path, options, { format: writer.format, images });
      const report = await writer.write(dataset, output, options);
      await output.finish();
      return report;
    },
  };
}
