import { decodeText } from "../text/decode-text.js";
import { readBytes } from "./files.js";

/** The largest text that is read as a whole. */
export const maxTextBytes = 2 ** 28;

/**
 * Reads a text file as a whole.
 *
 * @param encoding what the user says it is; UTF-8 by default
 * @throws DatasetError `file-unreadable`, `dataset-too-large`, `text-invalid`
 */
export async function readTextFile(path: string, encoding?: string): Promise<string> {
  return decodeText(await readBytes(path, undefined, maxTextBytes), `"${path}"`, encoding);
}
