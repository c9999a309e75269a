/**
 * What a terminal would obey or hide: control characters (C0, DEL, C1), format characters (among them those
 * that turn the direction of text; not the two joiners, which scripts and emoji need), line and paragraph
 * separators, and halves of surrogate pairs.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text for one line of a terminal or log, whoever wrote it: what the terminal would obey or hide is written
 * as JSON does (`\u001b`, `\n`). So JSON stays the same JSON, and everything else can be read as it is.
 *
 * @example
 * console.log(printable("cat\u001b[2J")); // cat\u001b[2J
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (sign) => SHORT[sign] ?? escapeUnits(sign));
}

/** A `\uXXXX` for each UTF-16 unit. */
function escapeUnits(sign: string): string {
  let escaped = "";
  for (let i = 0; i < sign.length; i++) escaped += `\\u${sign.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return escaped;
}
