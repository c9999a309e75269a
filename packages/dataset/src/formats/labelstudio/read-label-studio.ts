/** JSON of Label Studio in memory. */
import { asList, asObject } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { parseEach } from "../../set-aside.js";
import { categoriesOfNames } from "../class-list.js";
import { type FileSet, type FileSetOptions, imageOfFile, type SetFiles } from "../file-set.js";
import { labelsOfTask, namesBeforeUpload, parseRegions, parseTask, sizeOfTask } from "./label-studio.js";

/**
 * Reads exports of Label Studio (JSON, JSON_MIN); images may have the names that they had before the upload.
 *
 * @throws DatasetError whatever is wrong, where `onProblem` doesn't take it
 */
export function readLabelStudioFiles(files: SetFiles, options: FileSetOptions): FileSet {
  const { encoding, findImage, onProblem } = options;
  const lists = parseEach(
    [...files],
    (i) => [...files.keys()][i]!,
    ([path, bytes]) =>
      asList(parseJson(bytes, path, encoding), path).map((task, i) => ({
        task,
        where: `${path}: task ${i + 1}`,
      })),
    onProblem,
  ).flat();
  const tasks = parseEach(
    lists,
    (i) => lists[i]!.where,
    ({ task }, where) => ({ task: parseTask(asObject(task, where), where, options), where }),
    onProblem,
  );
  const names = [...new Set(tasks.flatMap(({ task }) => labelsOfTask(task)))].sort();
  const categoryIds = new Map(names.map((name, i) => [name, i + 1]));
  const records = parseEach(
    tasks,
    (i) => tasks[i]!.where,
    ({ task }, where, i) => {
      const others = namesBeforeUpload(task.imageName);
      const name = [task.imageName, ...others].find((each) => findImage(each)) ?? task.imageName;
      const image = imageOfFile({ id: i + 1, name, size: sizeOfTask(task, where) }, options, where);
      return {
        image,
        annotations: parseRegions(task, image, (label) => categoryIds.get(label), where, options),
      };
    },
    onProblem,
  );
  return { categories: categoriesOfNames(names), records, unknownImages: [] };
}
