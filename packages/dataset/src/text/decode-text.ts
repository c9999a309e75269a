/** Texts of data sets: UTF-8 unless the user says otherwise, and never characters that nobody wrote. */
import { DatasetError } from "../errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Decodes the text of a file. A byte order mark decides by itself and is left out.
 *
 * @param where what to call the file in an error message
 * @param encoding what the user says it is, by a name that browsers know, such as "gb18030"; UTF-8 by default
 * @throws DatasetError `text-invalid` for bytes that are no text of this encoding, `option-invalid` for an
 * unknown one
 */
export function decodeText(bytes: Uint8Array, where: string, encoding?: string): string {
  const marked = encodingOfMark(bytes);
  const decoder =
    marked === undefined && encoding === undefined ? utf8 : decoderOf(marked ?? encoding ?? "utf-8");
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw notText(where, decoder.encoding, cause);
  }
}

/** The error for a text of another encoding. */
export function notText(where: string, encoding: string, cause?: unknown): DatasetError {
  return new DatasetError(
    "text-invalid",
    `${where} is not text in ${encoding.toUpperCase()}; give its encoding (--encoding gb18030, shift_jis, windows-1252, …).`,
    { cause },
  );
}

/** What a byte order mark says. */
export function encodingOfMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return undefined;
}

/**
 * A decoder that refuses what is no text of the encoding.
 *
 * @throws DatasetError `option-invalid`
 */
export function decoderOf(encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new DatasetError(
      "option-invalid",
      `There is no text encoding "${encoding}"; there are utf-8, utf-16le, gb18030, big5, shift_jis, euc-kr, windows-1252 and others.`,
      { cause },
    );
  }
}

/** Lines of a text without those that are empty, ends of any system. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
}
