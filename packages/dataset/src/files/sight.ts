import { open } from "node:fs/promises";
import { join } from "node:path";
import { readFolder } from "@segany/runtime/files";
import { decodeText, encodingOfMark } from "../text/decode-text.js";
import { isFile } from "./files.js";

/** What is seen of a data set by looking at its first files: enough to tell its format. */
export interface Sight {
  readonly path: string;
  /** Whether the path is a file; then `files` is empty. */
  readonly isFile: boolean;
  /** Files, relative with `/`, at most four folders deep and the first so many of each folder. */
  readonly files: readonly string[];
  /** Folders, in the same way. */
  readonly folders: readonly string[];
  /** Whether there is a folder of this name, `/` between folders. */
  hasFolder(name: string): boolean;
  hasFile(name: string): boolean;
  /** The first file whose name fits. */
  find(pattern: RegExp): string | undefined;
  /** The beginning of a file, "" for one that can't be read; of the path itself without a name. */
  head(name?: string): Promise<string>;
  /** The end of a file. */
  tail(name?: string): Promise<string>;
}

/** Of a folder, so many entries are looked at. */
const maxEntries = 1000;
const maxFolders = 300;
const maxDepth = 4;
const endBytes = 2 ** 16;

/**
 * Looks at a path; never throws.
 *
 * @example
 * console.log((await lookAt("no-such-folder")).files.length); // 0
 */
export async function lookAt(path: string): Promise<Sight> {
  const files: string[] = [];
  const folders: string[] = [];
  const itself = await isFile(path);
  if (!itself) await list(path, files, folders);
  const ends = new Map<string, Promise<string>>();
  const end = (name: string | undefined, which: "head" | "tail"): Promise<string> => {
    const key = `${which} ${name ?? ""}`;
    const text = ends.get(key) ?? readEnd(name === undefined ? path : join(path, name), which);
    ends.set(key, text);
    return text;
  };
  return {
    path,
    isFile: itself,
    files,
    folders,
    hasFolder: (name) => folders.includes(name),
    hasFile: (name) => files.includes(name),
    find: (pattern) => files.find((name) => pattern.test(name)),
    head: (name) => end(name, "head"),
    tail: (name) => end(name, "tail"),
  };
}

/** Folders nearest to the top come first. */
async function list(path: string, files: string[], folders: string[]): Promise<void> {
  let level: { readonly name: string; readonly walk: Parameters<typeof readFolder>[1] }[] = [
    { name: "", walk: undefined },
  ];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { name, walk } of level) {
      const content = await readFolder(join(path, name), walk).catch(() => undefined);
      const inside = (entry: string): string => (name === "" ? entry : `${name}/${entry}`);
      files.push(...(content?.files.slice(0, maxEntries) ?? []).map(inside));
      for (const folder of content?.folders.slice(0, maxEntries) ?? []) {
        folders.push(inside(folder));
        if (next.length < maxFolders) next.push({ name: inside(folder), walk: content!.walk });
      }
    }
    level = next;
  }
}

async function readEnd(path: string, which: "head" | "tail"): Promise<string> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return "";
  try {
    const { size } = await handle.stat();
    const start = which === "head" ? 0 : Math.max(0, size - endBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(endBytes), 0, endBytes, start);
    const bytes = buffer.subarray(0, bytesRead);
    const mark = which === "head" ? encodingOfMark(bytes) : undefined;
    return mark?.startsWith("utf-16")
      ? decodeText(bytes.subarray(0, bytesRead & ~1), path, mark)
      : bytes.toString("utf8").replace(/^\uFEFF/, "");
  } catch {
    return "";
  } finally {
    await handle.close();
  }
}
