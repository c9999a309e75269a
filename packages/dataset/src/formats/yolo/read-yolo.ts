/** Files of labels of YOLO in memory. */
import { DatasetError } from "../../errors.js";
import { stemOf } from "../../names/file-names.js";
import { parseEach } from "../../set-aside.js";
import { decodeText, linesOf } from "../../text/decode-text.js";
import { categoriesOfNames } from "../class-list.js";
import { baseName, type FileSet, type FileSetOptions, findText, type SetFiles } from "../file-set.js";
import { parseYoloLabels } from "./yolo.js";
import { parseYoloYaml } from "./yolo-yaml.js";

/** Files with the names of the classes, in the order in which they are looked for. */
const classFiles = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml", "classes.txt", "obj.names"];

/** Texts that sets have and that are no labels. */
const otherTexts = /^(readme.*|license.*|requirements|train|val|valid|test|autosplit_.*|notes?)\.txt$/i;

/**
 * Reads files of labels, one an image, which is the one that is called like them. `data.yaml` or
 * `classes.txt` has the names of the classes.
 *
 * @throws DatasetError `dataset-not-found` without these names; whatever is wrong, where `onProblem` doesn't
 * take it
 */
export function readYoloFiles(files: SetFiles, options: FileSetOptions): FileSet {
  const { encoding, onProblem, findImage } = options;
  const list = findText(files, classFiles, encoding);
  if (!list)
    throw new DatasetError(
      "dataset-not-found",
      `Files of YOLO's labels don't say the names of their classes: data.yaml or classes.txt must be with them.`,
    );
  const { names, task } = /\.ya?ml$/.test(list.path)
    ? parseYoloYaml(list.text, list.path, onProblem)
    : { names: linesOf(list.text), task: {} };
  const labels = [...files].filter(([path]) => /\.txt$/i.test(path) && isLabels(path));
  const known = labels.flatMap(([path, bytes]) => {
    const image = findImage(stemOf(baseName(path)));
    return image ? [{ path, bytes, image }] : [];
  });
  const found = new Set(known.map(({ path }) => path));
  const records = parseEach(
    known,
    (i) => known[i]!.path,
    ({ bytes, image }, where, i) => ({
      image: { id: i + 1, fileName: image.fileName, width: image.width, height: image.height },
      annotations: parseYoloLabels(
        decodeText(bytes, where, encoding),
        image,
        names.length,
        where,
        options,
        task,
      ),
    }),
    onProblem,
  );
  return {
    categories: categoriesOfNames(names),
    records,
    unknownImages: labels.flatMap(([path]) => (found.has(path) ? [] : [stemOf(baseName(path))])),
  };
}

function isLabels(path: string): boolean {
  const name = baseName(path);
  return !classFiles.includes(name) && !otherTexts.test(name);
}
