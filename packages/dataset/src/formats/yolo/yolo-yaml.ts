/** `data.yaml` of YOLO's sets. */
import { parse, stringify } from "yaml";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import { type OnProblem, setAside } from "../../set-aside.js";
import type { YoloTask } from "./yolo-lines.js";

/**
 * Reads what `data.yaml` says: the names of the classes (a list, or a map of numbers), and what lines of
 * labels mean.
 *
 * @param onProblem takes names that are none, whose classes are called by their numbers; thrown by default
 * @throws DatasetError `dataset-invalid`
 */
export function parseYoloYaml(
  text: string,
  where: string,
  onProblem?: OnProblem,
): { readonly names: string[]; readonly task: YoloTask } {
  const content = parseYaml(text, where);
  const { task, kpt_shape: shape } = (content ?? {}) as { task?: unknown; kpt_shape?: unknown };
  const isShape =
    Array.isArray(shape) && shape.length === 2 && shape.every((value) => value > 0 && value < 1000);
  return {
    names: namesOf(content, where, onProblem),
    task: {
      ...(typeof task === "string" && { task }),
      ...(isShape && { keypointShape: [Number(shape[0]), Number(shape[1])] as const }),
    },
  };
}

function namesOf(content: unknown, where: string, onProblem: OnProblem | undefined): string[] {
  const names = yamlNames(content, where);
  const entries = Array.isArray(names) ? names.entries() : Object.entries(names as object);
  const list: string[] = [];
  for (const [key, name] of entries) {
    const number = numberOfText(String(key)) ?? Number.NaN;
    if (!Number.isInteger(number) || number < 0 || number > maxClassNumber)
      throw new DatasetError("dataset-invalid", `${where}: ${show(key)} under "names" is no class number.`);
    try {
      list[number] = asName(name, `${where}: name ${number}`);
    } catch (error) {
      setAside(error, where, onProblem);
    }
  }
  return Array.from(list, (name, number) => name ?? `class ${number}`);
}

function asName(name: unknown, where: string): string {
  if (name === null || (typeof name !== "object" && name !== undefined)) return String(name);
  throw new DatasetError("dataset-invalid", `${where} is ${show(name)}, not a text.`);
}

/** More classes than any data set has; a forged number must not fill memory. */
const maxClassNumber = 100_000;

function parseYaml(text: string, where: string): unknown {
  try {
    // References may not multiply: a few lines of them could fill memory.
    // Its warnings would be printed, where a library must not.
    return parse(text, { schema: "core", maxAliasCount: 100, logLevel: "error" });
  } catch (cause) {
    // After the first line comes a piece of the file.
    const [reason = ""] = (cause as Error).message.split("\n");
    throw new DatasetError("dataset-invalid", `${where} is not usable YAML: ${reason.replace(/:$/, "")}.`, {
      cause,
    });
  }
}

function yamlNames(content: unknown, where: string): unknown {
  const names = (content as { names?: unknown } | null)?.names;
  if (typeof names === "object" && names !== null) return names;
  throw new DatasetError(
    "dataset-invalid",
    `${where}: "names" is ${show(names)}, not a list or map of class names.`,
  );
}

/**
 * Writes `data.yaml`.
 *
 * @param parts names of the set's parts; the set is one without
 * @param folderOf the folder of a part's images, from the file on
 */
export function formatYoloYaml(
  names: readonly string[],
  parts: readonly string[] = [],
  folderOf = (part: string) => `${part}/images`,
): string {
  const folders = new Map(parts.map((part) => [keyOfPart(part), folderOf(part)]));
  // Ultralytics refuses a set without one of these.
  if (folders.size === 0) folders.set("train", "images");
  if (folders.has("train") && !folders.has("val"))
    folders.set("val", folders.get("test") ?? folders.get("train")!);
  // It reads YAML 1.1, for which names such as "yes" and "on" need quotes, with PyYAML, which refuses more
  // without them, such as tabs; without "path" it takes the folder of the file.
  const list = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 } as const;
  return stringify(Object.fromEntries(folders), { version: "1.1" }) + stringify({ names }, list);
}

/** Parts as tools call their folders: Roboflow's "valid", COCO's "val2017". */
const PARTS = [
  ["train", /^train(ing)?\d*$/i],
  ["val", /^val(id|idation)?\d*$/i],
  ["test", /^test(ing)?\d*$/i],
] as const;

/** Ultralytics knows the parts train, val and test. */
function keyOfPart(part: string): string {
  return PARTS.find(([, names]) => names.test(part))?.[0] ?? part;
}

/**
 * The parts that a set's images are in by their first folders; none unless every image is in one of train,
 * val and test, and some in train.
 *
 * @param stems names of images in their folder
 */
export function partsOfNames(stems: readonly string[]): readonly string[] {
  const tops = [
    ...new Set(stems.map((stem) => (stem.includes("/") ? stem.slice(0, stem.indexOf("/")) : ""))),
  ];
  const found = PARTS.map(([, names]) => tops.filter((top) => names.test(top)));
  const parts = found.flat();
  const isWhole = parts.length === tops.length && found.every(({ length }) => length <= 1);
  return isWhole && found[0]!.length === 1 ? parts : [];
}
