import { readBytes } from "../../files/files.js";
import { maxTextBytes } from "../../files/read-text.js";
import { lookAt } from "../../files/sight.js";
import { asList, asObject } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { baseNameOf } from "../../names/file-names.js";
import type { Dataset } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findByHead,
  findToolImages,
  noSuchFile,
  openToolImage,
} from "../node-tool-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { type LabelStudioTask, labelsOfTask, parseRegions, parseTask, sizeOfTask } from "./label-studio.js";
import { labelStudioHolds, labelStudioWriter } from "./write-label-studio.js";

/** Label Studio: an exported JSON (or JSON_MIN), images under the names that they had before the upload. */
export const labelStudioFormat: DatasetFormat = {
  name: "labelstudio",
  title: "Label Studio: an exported JSON with brushes, polygons and rectangles of all tasks",
  holds: labelStudioHolds,
  detect: async (sight) => (await findByHead(sight, /\.json$/i, isLabelStudio)).length > 0,
  read,
  ...writesFolders(labelStudioWriter),
};

function isLabelStudio(head: string): boolean {
  return (
    /^\s*\[\s*\{/.test(head) &&
    /"(file_upload|original_width|was_cancelled|completed_by|completions)"\s*:/.test(head)
  );
}

interface Entry {
  readonly task: LabelStudioTask;
  readonly where: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findByHead(await lookAt(path), /\.json$/i, isLabelStudio);
  if (files.length === 0) throw noSuchFile(path, "JSON of Label Studio");
  const entries: Entry[] = [];
  for (const file of files) {
    const tasks = parseJson(await readBytes(file, undefined, maxTextBytes), file, options.encoding);
    for (const [i, value] of asList(tasks, file).entries()) {
      const where = `${file}: task ${i + 1}`;
      try {
        entries.push({ task: parseTask(asObject(value, where), where, options), where });
      } catch (error) {
        setAside(error, where, options.onProblem);
      }
    }
  }
  const classes = createClassNumbers([...new Set(entries.flatMap(({ task }) => labelsOfTask(task)))].sort());
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "labelstudio",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ task, where }, id, takers) {
      const { imageName: name } = task;
      const size = sizeOfTask(task, where);
      const toImage = { id, name, size, otherNames: namesBeforeUpload(name) };
      const image = await openToolImage(toImage, finder, where, takers);
      return { image, annotations: parseRegions(task, image, classes.idOf, where, takers) };
    },
  });
}

/** An upload puts eight digits before a file's name and `_` for its spaces. */
function namesBeforeUpload(name: string): string[] {
  const base = baseNameOf(name.replace(/[?#].*$/, ""));
  const plain = base.replace(/^[0-9a-f]{8}-/, "");
  return [base, plain, plain.replaceAll("_", " ")];
}
