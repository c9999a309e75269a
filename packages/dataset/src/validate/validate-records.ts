import { checkAnnotation } from "../checks/check-annotation.js";
import { checkCategoryNames } from "../checks/check-categories.js";
import { checkImageFile } from "../checks/check-image.js";
import { createProblemList, type ProblemList, type ValidationReport } from "../checks/problems.js";
import type { ValidateSettings } from "../checks/validate-settings.js";
import { throwIfAborted } from "../errors.js";
import { toMaskFields } from "../formats/annotation-json.js";
import type { ReadableFormat } from "../formats/format.js";
import type { DatasetRecord } from "../record.js";

/**
 * Validates a data set of any format by reading it (`validate`): what its reader sets aside is noted, and
 * what it can't go on behind ends the validation.
 */
export async function validateRecords(
  path: string,
  format: ReadableFormat,
  { signal, onProgress, limit, images: withImages, imageFolder, encoding }: ValidateSettings,
): Promise<ValidationReport> {
  const problems = createProblemList(limit);
  const totals = { images: 0, annotations: 0 };
  const onProblem = (error: unknown): void => problems.noteError(error, { file: path });
  try {
    const takers = { onProblem, onLoss: problems.onLoss };
    const dataset = await format.read(path, { signal, encoding, images: imageFolder, ...takers });
    checkCategoryNames(dataset.categories, path, problems);
    for await (const record of dataset.records({ signal, ...takers })) {
      throwIfAborted(signal);
      await checkRecord(record, path, problems, withImages);
      totals.images++;
      totals.annotations += record.annotations.length;
      onProgress?.({
        ...totals,
        ...(dataset.imageCount !== undefined && { totalImages: dataset.imageCount }),
      });
    }
  } catch (error) {
    problems.noteEnd(error, { file: path });
  }
  return problems.report({ format: format.name, ...totals });
}

async function checkRecord(
  { image, annotations }: DatasetRecord,
  file: string,
  problems: ProblemList,
  withImages: boolean,
): Promise<void> {
  if (!image.open) {
    const message = `The image file "${image.fileName}" is not there.`;
    problems.note({ code: "unpaired-image", file, record: `image ${image.id}`, message });
  }
  if (withImages) await checkImageFile(image, file, problems);
  for (const annotation of annotations) {
    const record = `image ${image.id} ("${image.fileName}"), annotation ${annotation.id}`;
    const fields = { ...toMaskFields(annotation) };
    checkAnnotation(fields, image, { file, record }, problems, { bareBoxes: true });
  }
}
