import { checkAnnotation } from "../../checks/check-annotation.js";
import { checkCategoryNames } from "../../checks/check-categories.js";
import { checkImageFile } from "../../checks/check-image.js";
import { createProblemList, type ProblemList, type ValidationReport } from "../../checks/problems.js";
import type { ValidateSettings } from "../../checks/validate-settings.js";
import { throwIfAborted } from "../../errors.js";
import { createImageFinder } from "../../files/image-finder.js";
import { idOf, show } from "../../json/fields.js";
import type { DatasetImage } from "../../record.js";
import { createIdTable } from "../id-issuer.js";
import { parseIgnoreRegion } from "./coco.js";
import { type CocoGroup, groupByImage } from "./node-coco-groups.js";
import { type CocoEntry, type CocoIndex, readCocoIndex } from "./node-coco-index.js";
import { findImageFolders, listCocoFiles, withImageFile } from "./node-coco-layout.js";
import { defaultKeepBelowBytes } from "./node-read-coco.js";

/**
 * Validates a COCO or LVIS set (`validate`). What can't be split into its entries ends the validation there.
 */
export async function validateCoco(
  path: string,
  options: ValidateSettings,
  format: "coco" | "lvis",
): Promise<ValidationReport> {
  const problems = createProblemList(options.limit);
  const totals = { images: 0, annotations: 0 };
  for (const file of await listCocoFiles(path)) await validateFile(file, options, problems, totals);
  return problems.report({ format, ...totals });
}

async function validateFile(
  file: string,
  options: ValidateSettings,
  problems: ProblemList,
  totals: { images: number; annotations: number },
): Promise<void> {
  const { signal, onProgress, encoding } = options;
  let place = 0;
  try {
    const index = await readCocoIndex(file, {
      keepBelowBytes: defaultKeepBelowBytes,
      signal,
      encoding,
      onProblem: (error, { key, index: entry }) =>
        problems.noteError(error, { file, record: `${key} ${entry}` }),
    });
    checkIndex(index, problems);
    const finder = createImageFinder(await findImageFolders(file, index.images, options.imageFolder));
    const checkMasks = createMaskCheck(index, problems);
    const groups = groupByImage(index, {
      signal,
      onStray: (error, { key, index: entry }) =>
        problems.noteError(error, { file, record: `${key} ${entry}`, field: "image_id" }, "image-unknown"),
    });
    for await (const group of groups) {
      throwIfAborted(signal);
      const image = await withImageFile(index.images[place++]!, finder, problems);
      if (!image.open) {
        const message = `The image file "${image.fileName}" is not there.`;
        problems.note({
          code: "unpaired-image",
          file,
          record: `image ${image.id}`,
          field: "file_name",
          message,
        });
      }
      if (options.images) await checkImageFile(image, file, problems);
      checkMasks(image, group);
      totals.images++;
      totals.annotations += group.annotations.length;
      onProgress?.({ ...totals, totalImages: totals.images - place + index.images.length });
    }
  } catch (error) {
    problems.noteEnd(error, { file });
  }
}

function checkIndex({ path: file, images, categories }: CocoIndex, problems: ProblemList): void {
  const imageIds = new Set<number>();
  const names = new Set<string>();
  images.forEach(({ id, fileName }, index) => {
    const record = `images ${index}`;
    if (imageIds.has(id)) {
      const message = `The image id ${id} is there twice.`;
      problems.note({ code: "duplicate-image-id", file, record, field: "id", message });
    }
    if (names.has(fileName)) {
      const message = `The file name "${fileName}" is there twice.`;
      problems.note({ code: "duplicate-file-name", file, record, field: "file_name", message });
    }
    imageIds.add(id);
    names.add(fileName);
  });
  const categoryIds = new Set<number>();
  categories.forEach(({ id }, index) => {
    if (categoryIds.has(id)) {
      const message = `The category id ${id} is there twice.`;
      problems.note({
        code: "duplicate-category-id",
        file,
        record: `categories ${index}`,
        field: "id",
        message,
      });
    }
    categoryIds.add(id);
  });
  checkCategoryNames(categories, file, problems);
}

function createMaskCheck(
  { path: file, categories }: CocoIndex,
  problems: ProblemList,
): (image: DatasetImage, group: CocoGroup) => void {
  const ids = createIdTable();
  const categoryIds = new Set(categories.map(({ id }) => id));
  const checkOne = ({ raw, index }: CocoEntry, image: DatasetImage): void => {
    const { id, category_id: categoryId } = raw;
    const record = `annotations ${index} (id ${show(id)})`;
    const number = idOf(id);
    if (number !== undefined && !ids.add(number)) {
      const message = `The annotation id ${show(id)} is there twice.`;
      problems.note({ code: "duplicate-annotation-id", file, record, field: "id", message });
    }
    if (categoryId != null && categoryIds.size > 0 && !categoryIds.has(idOf(categoryId) ?? Number.NaN)) {
      const message = `The category id ${show(categoryId)} is the id of no category in the file.`;
      problems.note({ code: "category-unknown", file, record, field: "category_id", message });
    }
    checkAnnotation(raw, image, { file, record }, problems, { bareBoxes: true });
  };
  return (image, { annotations, ignoreRegions }) => {
    for (const entry of annotations) checkOne(entry, image);
    for (const { raw, index } of ignoreRegions) {
      const record = `ignore_regions ${index}`;
      try {
        parseIgnoreRegion(raw, image, `"${file}": ${record}`);
      } catch (error) {
        problems.noteError(error, { file, record, field: "segmentation" }, "rle-invalid");
      }
    }
  };
}
