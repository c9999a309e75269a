import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isImageName, stemOf } from "../names/file-names.js";
import { createNameMatcher, type MatchedBy, type NameMatcher } from "../names/match-names.js";
import { isFile, readImageBytes } from "./files.js";
import { listFiles, sameStem } from "./folder-files.js";

/** An image file. */
export interface FoundImage {
  readonly path: string;
  /** Relative to the folder it was found in. */
  readonly name: string;
  readonly by: MatchedBy;
  /** @param headBytes as `DatasetImage.open` takes it */
  readonly open: (headBytes?: number) => Promise<Uint8Array>;
}

/** Finds image files by the names that data sets have for them. */
export interface ImageFinder {
  /** @param name relative, or as `readImageName` takes it */
  find(name: string): Promise<FoundImage | undefined>;
}

/**
 * Finds image files in folders: by their name, else in another form of it (`createNameMatcher`), for which a
 * folder's files are listed once. With `anyFolder` the last part of a name is enough, and a name without its
 * extension, where they tell files apart: for tools that put images elsewhere than they say.
 *
 * @param folders those that come first go first
 *
 * @example
 * console.log(await createImageFinder(["no-such-folder"]).find("a.jpg")); // undefined
 */
export function createImageFinder(
  folders: readonly string[],
  { anyFolder = false }: { readonly anyFolder?: boolean } = {},
): ImageFinder {
  const matchers = new Map<string, Promise<NameMatcher>>();
  const matcherOf = (folder: string): Promise<NameMatcher> => {
    const known =
      matchers.get(folder) ??
      listFiles(folder, isImageName).then(anyFolder ? createLooseMatcher : createNameMatcher);
    matchers.set(folder, known);
    return known;
  };
  return {
    async find(name) {
      if (isPlain(name)) {
        for (const folder of folders) {
          const path = join(folder, name);
          if (await isFile(path)) return foundAt(folder, name, "name");
        }
      }
      for (const folder of folders) {
        const match = (await matcherOf(folder)).find(name);
        if (match) return foundAt(folder, match.name, match.by);
      }
      return undefined;
    },
  };
}

/** Takes names whose folder or extension is another one too, where that leaves one file. */
function createLooseMatcher(names: readonly string[]): NameMatcher {
  const whole = createNameMatcher(names);
  const byStem = new Map<string, string>();
  for (const name of names) byStem.set(stemOf(name), name);
  const stems = createNameMatcher(byStem.keys());
  return {
    find(name) {
      const found = whole.find(name) ?? whole.find(`/${name}`);
      if (found) return found;
      const stem = isImageName(name) ? stemOf(name) : name;
      const match = stems.find(stem) ?? stems.find(`/${stem}`);
      return match && { name: byStem.get(match.name)!, by: match.by };
    },
  };
}

/** Whether joining it to a folder stays inside. */
function isPlain(name: string): boolean {
  return name !== "" && !/[\\:]|^\//.test(name) && name.split("/").every((part) => !/^\.{0,2}$/.test(part));
}

function foundAt(folder: string, name: string, by: MatchedBy): FoundImage {
  const path = join(folder, name);
  return { path, name, by, open: (headBytes) => readImageBytes(path, headBytes) };
}

/** The images of a folder, for formats whose files of masks are named after them. */
export interface StemFinder {
  readonly names: readonly string[];
  find(stem: string): FoundImage | undefined;
  /** Images that nobody has found so far. */
  unclaimed(): string[];
}

/**
 * Lists the images of a folder by their names without extension.
 *
 * @throws DatasetError `dataset-invalid` when two differ in their extension alone
 */
export async function findByStem(folder: string): Promise<StemFinder> {
  const names = await listFiles(folder, isImageName);
  const byStem = new Map<string, string>();
  for (const name of names) {
    const other = byStem.get(stemOf(name));
    if (other !== undefined && (await isSameFile(join(folder, other), join(folder, name))) === false)
      throw sameStem(other, name);
    byStem.set(stemOf(name), name);
  }
  const matcher = createNameMatcher(byStem.keys());
  const claimed = new Set<string>();
  return {
    names,
    find(stem) {
      const match = matcher.find(stem);
      if (!match) return undefined;
      claimed.add(match.name);
      return foundAt(folder, byStem.get(match.name)!, match.by);
    },
    unclaimed: () => [...byStem].filter(([stem]) => !claimed.has(stem)).map(([, name]) => name),
  };
}

async function isSameFile(first: string, second: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(first), stat(second)]);
  return a.ino === b.ino && a.dev === b.dev;
}
