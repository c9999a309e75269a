import { asList, asObject } from "../../json/fields.js";
import type { Dataset } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolFiles,
  findToolImages,
  hasToolFile,
  openToolImage,
  readToolJson,
  type ToolFile,
} from "../node-tool-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { beginsLikeLabelStudio } from "./begins.js";
import {
  type LabelStudioTask,
  labelsOfTask,
  namesBeforeUpload,
  parseRegions,
  parseTask,
  sizeOfTask,
} from "./label-studio.js";
import { labelStudioHolds, labelStudioWriter } from "./write-label-studio.js";

const labelStudioFile: ToolFile = {
  ending: /\.json$/i,
  begins: beginsLikeLabelStudio,
  title: "JSON of Label Studio",
};

/** Label Studio: an exported JSON (or JSON_MIN), images under the names that they had before the upload. */
export const labelStudioFormat: DatasetFormat = {
  name: "labelstudio",
  title: "Label Studio: an exported JSON with brushes, polygons and rectangles of all tasks",
  holds: labelStudioHolds,
  detect: (sight) => hasToolFile(sight, labelStudioFile),
  read,
  ...writesFolders(labelStudioWriter),
};

interface Entry {
  readonly task: LabelStudioTask;
  readonly where: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, labelStudioFile);
  const entries: Entry[] = [];
  for (const file of files) {
    const tasks = await readToolJson(file, options);
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
