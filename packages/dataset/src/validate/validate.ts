import type { ValidationReport } from "../checks/problems.js";
import type { ValidateOptions } from "../checks/validate-settings.js";
import { detectFormat, findReadableFormat } from "../formats/node-registry.js";
import { validateRecords } from "./validate-records.js";

/**
 * Looks through a whole data set for what is wrong with it, naming file, record and field: masks that don't
 * fit their size, areas and boxes that disagree with the mask, numbers that are there twice, images without
 * masks' files and the other way round, images of another size than stated. Goes on after a problem wherever
 * it can.
 *
 * @throws DatasetError `format-unknown`, `dataset-not-found`, `aborted`; what is wrong inside the data set is
 * in the report
 *
 * @example
 * await convert(dataset, "coco", "valid-coco", { images: "none" });
 * const { images, problems } = await validate("valid-coco");
 * console.log(images, problems.length); // 2 2
 */
export async function validate(path: string, options: ValidateOptions = {}): Promise<ValidationReport> {
  const { format: name, images = true, limit = 1000, ...pass } = options;
  const format = name === undefined ? await detectFormat(path) : findReadableFormat(name);
  const settings = { ...pass, images, limit };
  return format.validate?.(path, settings) ?? validateRecords(path, format, settings);
}
