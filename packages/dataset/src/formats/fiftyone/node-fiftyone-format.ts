import { dirname, join } from "node:path";
import { isFile } from "../../files/files.js";
import { createImageFinder } from "../../files/image-finder.js";
import type { Sight } from "../../files/sight.js";
import { asObject, type RawObject } from "../../json/fields.js";
import type { Annotation, Dataset, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { Detection, ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolImages,
  noSuchFile,
  openToolImage,
  readToolJson,
} from "../node-tool-dataset.js";
import {
  type FiftyOneContext,
  fieldsOfSample,
  type LabelField,
  parseDetection,
  parsePolyline,
  parseSegmentationMap,
  truthField,
} from "./fiftyone.js";
import { type FiftyOneSample, parseLabelsFile, parseMetadata, parseSamplesFile } from "./fiftyone-files.js";
import { maskReader } from "./node-read-mask.js";

const SAMPLES = "samples.json";
const LABELS = "labels.json";

/**
 * FiftyOne: a data set as it exports it itself (`samples.json`, `metadata.json`), or detections in
 * `labels.json`; images in `data/`. Of several fields with shapes, that of the truth is read.
 */
export const fiftyOneFormat: ReadableFormat = {
  name: "fiftyone",
  title: "FiftyOne: data/ with samples.json (its own export) or labels.json (detections)",
  detect,
  read,
};

const isSamples = (head: string): boolean => /^\s*\{\s*"samples"\s*:\s*\[/.test(head);
const isLabels = (head: string): boolean =>
  /^\s*\{\s*("classes"\s*:\s*(null|\[[^\]]*\])\s*,\s*)?"labels"\s*:\s*\{/.test(head);

async function detect(sight: Sight): Promise<Detection> {
  if (sight.isFile) {
    const head = await sight.head();
    return (
      (isSamples(head) && /"filepath"/.test(head)) || (/labels\.json$/.test(sight.path) && isLabels(head))
    );
  }
  if (sight.hasFile(SAMPLES))
    return isSamples(await sight.head(SAMPLES)) || 'its samples.json does not begin with "samples"';
  if (!sight.hasFile(LABELS)) return false;
  return (
    isLabels(await sight.head(LABELS)) ||
    'its labels.json does not begin with "classes" and "labels" (detections are read; of whole images only the classes would be there)'
  );
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { file, root } = await findFile(path);
  const value = await readToolJson(file, options);
  const metadataFile = join(root, "metadata.json");
  const metadata = parseMetadata(
    (await isFile(metadataFile)) ? await readToolJson(metadataFile, options) : {},
    metadataFile,
  );
  const takers = { onProblem: options.onProblem, onLoss: options.onLoss };
  const isNative = asObject(value, file).samples !== undefined;
  const samples = isNative ? parseSamplesFile(value, file, takers) : parseLabelsFile(value, file, takers);
  const field = truthField(samples.flatMap(({ raw, where }) => namesOf(raw, where)));
  const nameOfNumber = metadata.nameOfNumber(field);
  const classes = createClassNumbers(metadata.classesOf(field));
  for (const sample of samples) for (const name of classNames(sample, field)) classes.add(name);
  const finder = await findToolImages(root, options);
  const maskFinder = createImageFinder([root], { anyFolder: true });
  return perImageDataset({
    path,
    format: "fiftyone",
    categories: classes.categories,
    entries: samples,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ fileName, isStem, size, raw, where }, id, taken) {
      const image = await openToolImage({ id, name: fileName, size, isStem }, finder, where, taken);
      const readMask = maskReader(image, maskFinder);
      const context = { size: image, categoryIds: classes.idOf, readMask, nameOf: nameOfNumber };
      const annotations = await parseSample({ raw, where }, field, context, taken);
      return { image: { ...image, fileName: image.fileName.replace(/^data\/(?=.)/, "") }, annotations };
    },
  });
}

async function findFile(path: string): Promise<{ readonly file: string; readonly root: string }> {
  if (await isFile(path)) return { file: path, root: dirname(path) };
  for (const name of [SAMPLES, LABELS])
    if (await isFile(join(path, name))) return { file: join(path, name), root: path };
  throw noSuchFile(path, `${SAMPLES} or ${LABELS} of FiftyOne`);
}

/** Fields with shapes; a sample that is damaged is told when its record is read. */
function namesOf(raw: RawObject, where: string): string[] {
  try {
    return fieldsOfSample(raw, where).fields.map(({ name }) => name);
  } catch (error) {
    setAside(error, where, () => undefined);
    return [];
  }
}

function classNames({ raw, where }: FiftyOneSample, field: string | undefined): string[] {
  try {
    const { fields } = fieldsOfSample(raw, where);
    const labels = fields.filter(({ name }) => name === field).flatMap((each) => each.labels);
    return labels.flatMap(({ label }) => (typeof label === "string" ? [label] : []));
  } catch (error) {
    setAside(error, where, () => undefined);
    return [];
  }
}

type SampleContext = FiftyOneContext & { readonly nameOf: (number: number) => string | undefined };

async function parseSample(
  { raw, where }: Pick<FiftyOneSample, "raw" | "where">,
  field: string | undefined,
  context: SampleContext,
  takers: ReadTakers,
): Promise<Annotation[]> {
  const { fields, tags, keypoints } = fieldsOfSample(raw, where);
  if (tags > 0) takers.onLoss?.("imageTags", where, tags);
  if (keypoints > 0) takers.onLoss?.("keypoints", where, keypoints);
  const annotations: Annotation[] = [];
  for (const each of fields) {
    if (each.name === field) annotations.push(...(await parseField(each, context, where, takers)));
    else if (each.labels.length > 0) takers.onLoss?.("otherAnnotators", where, each.labels.length);
  }
  return annotations.map((annotation, i) => ({ ...annotation, id: i + 1 }));
}

async function parseField(
  { name, kind, labels }: LabelField,
  context: SampleContext,
  where: string,
  takers: ReadTakers,
): Promise<Annotation[]> {
  const annotations: Annotation[] = [];
  for (const [i, label] of labels.entries()) {
    const place = `${where}, ${name} ${i + 1}`;
    try {
      if (kind === "detections") annotations.push(await parseDetection(label, context, place));
      else if (kind === "segmentation")
        annotations.push(...(await parseSegmentationMap(label, context, context.nameOf, place)));
      else {
        const polyline = parsePolyline(label, context, place, takers);
        if (polyline) annotations.push(polyline);
      }
    } catch (error) {
      setAside(error, place, takers.onProblem);
    }
  }
  return annotations;
}
