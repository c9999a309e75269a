import { openOutputFolder } from "../files/output-folder.js";
import type { Dataset } from "../record.js";
import type { DatasetWriter, WriteOptions, WriteReport } from "./format.js";

/** Writes a data set into a folder of its own. Throws what `DatasetFormat.write` does. */
export async function writeFolder<Options extends WriteOptions>(
  writer: DatasetWriter<Options>,
  dataset: Dataset,
  path: string,
  options: Options,
): Promise<WriteReport> {
  const { images = "copy" } = options;
  const output = await openOutputFolder(path, options, { format: writer.format, images });
  const report = await writer.write(dataset, output, options);
  await output.finish();
  return report;
}
