import { detectFormat, findFormat } from "../io/registry.js";
import type { ValidateOptions, ValidateSettings } from "./options.js";
import type { ValidationReport } from "./problems.js";
import { validateCoco } from "./validate-coco.js";
import { validateRecords } from "./validate-records.js";
import { validateSa1b } from "./validate-sa1b.js";

/**
 * Looks through a whole data set for what is wrong with it, naming file, record and field: masks that don't fit their
 * size, areas and boxes that disagree with the mask, numbers that are there twice, images without masks' files and the
 * other way round, images of another size than stated. Goes on after a problem wherever it can.
 *
 * @throws DatasetError `format-unknown`, `dataset-not-found`, `aborted`; what is wrong inside the data set is in the report
 */
export async function validate(path: string, options: ValidateOptions = {}): Promise<ValidationReport> {
  const { signal, onProgress, format: name, images = true, limit = 1000 } = options;
  const format = name === undefined ? await detectFormat(path) : findFormat(name);
  const settings: ValidateSettings = { signal, onProgress, images, limit };
  switch (format.name) {
    case "sa1b":
      return validateSa1b(path, settings);
    case "coco":
    case "lvis":
      return validateCoco(path, settings, format.name);
    default:
      return validateRecords(path, format, settings);
  }
}
