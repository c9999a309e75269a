import { checkAnnotation } from "../../checks/check-annotation.js";
import { checkImageFile } from "../../checks/check-image.js";
import { createProblemList, type ProblemList, type ValidationReport } from "../../checks/problems.js";
import type { ValidateSettings } from "../../checks/validate-settings.js";
import { throwIfAborted } from "../../errors.js";
import { createImageFinder } from "../../files/image-finder.js";
import { asList, asObject, show } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { baseNameOf } from "../../names/file-names.js";
import { createIdTable } from "../id-issuer.js";
import { findElsewhere, findImage, readSa1bPairs, type Sa1bPair } from "./node-sa1b-sources.js";
import { parseSa1bImage } from "./sa1b.js";

/**
 * Validates an SA-1B set (`validate`). A damaged shard ends its own part, a damaged JSON file only itself.
 *
 * Annotation ids are Meta's: unique within a file.
 */
export async function validateSa1b(path: string, options: ValidateSettings): Promise<ValidationReport> {
  const { signal, onProgress, limit } = options;
  const problems = createProblemList(limit);
  const imageIds = createIdTable();
  const totals = { images: 0, annotations: 0 };
  try {
    for await (const pair of readSa1bPairs(path, { signal })) {
      throwIfAborted(signal);
      totals.images++;
      totals.annotations += await checkPair(pair, imageIds, problems, options);
      onProgress?.({ ...totals });
    }
  } catch (error) {
    problems.noteEnd(error, { file: path });
  }
  return problems.report({ format: "sa1b", ...totals });
}

/** Gives the number of annotations. */
async function checkPair(
  pair: Sa1bPair,
  imageIds: ReturnType<typeof createIdTable>,
  problems: ProblemList,
  { images: withImages, encoding, imageFolder }: ValidateSettings,
): Promise<number> {
  if (!pair.json) {
    const file = pair.image!.label;
    problems.note({
      code: "unpaired-masks",
      file,
      message: `The image "${pair.image!.name}" has no JSON file.`,
    });
    return 0;
  }
  const file = pair.json.label;
  try {
    const content = asObject(parseJson(await pair.json.read(), `"${file}"`, encoding), `"${file}"`);
    const image = parseSa1bImage(content.image, `"${file}"`);
    if (!imageIds.add(image.id)) {
      problems.note({
        code: "duplicate-image-id",
        file,
        record: "image",
        field: "image_id",
        message: `The image id ${image.id} is there twice in the data set.`,
      });
    }
    await checkPairedImage(pair, image, problems, { withImages, imageFolder });
    const annotations = asList(content.annotations, `"${file}": field "annotations"`);
    checkAnnotations(annotations, image, file, problems);
    return annotations.length;
  } catch (error) {
    problems.noteError(error, { file });
    return 0;
  }
}

async function checkPairedImage(
  pair: Sa1bPair,
  image: ReturnType<typeof parseSa1bImage>,
  problems: ProblemList,
  { withImages, imageFolder }: { readonly withImages: boolean; readonly imageFolder: string | undefined },
): Promise<void> {
  const file = pair.json!.label;
  const elsewhere =
    imageFolder === undefined
      ? undefined
      : await findElsewhere(createImageFinder([imageFolder]), image.fileName, pair.json!.folder);
  const found = elsewhere
    ? { name: elsewhere.name, read: elsewhere.open }
    : await findImage(pair, image.fileName);
  if (!found || baseNameOf(found.name) !== baseNameOf(image.fileName)) {
    problems.note({
      code: "unpaired-image",
      file,
      record: "image",
      field: "file_name",
      message: found
        ? `The image is called "${image.fileName}", but the file beside it is "${found.name}".`
        : `The image file "${image.fileName}" is not there.`,
    });
  }
  if (found && withImages) await checkImageFile({ ...image, open: found.read }, file, problems);
}

function checkAnnotations(
  annotations: readonly unknown[],
  image: ReturnType<typeof parseSa1bImage>,
  file: string,
  problems: ProblemList,
): void {
  const ids = new Set<unknown>();
  annotations.forEach((entry, index) => {
    const record = `annotations ${index}`;
    try {
      const raw = asObject(entry, `"${file}": ${record}`);
      const { id } = raw;
      if (ids.has(id)) {
        problems.note({
          code: "duplicate-annotation-id",
          file,
          record,
          field: "id",
          message: `The annotation id ${show(id)} is there twice.`,
        });
      }
      ids.add(id);
      const place = { file, record: `${record} (id ${show(id)})` };
      checkAnnotation(raw, image, place, problems, { bareBoxes: false });
    } catch (error) {
      problems.noteError(error, { file, record });
    }
  });
}
