import { SamError } from "@segany/masks";

/** Longest text in UTF-16 units; 77 tokens hold a tenth of it. Bounds the work for one word without end. */
const MAX_TEXT_LENGTH = 4096;

/** The named references that phrases have; the other two thousand of HTML 5 stay as they are. */
const REFERENCES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  nbsp: "\u00a0",
  quot: '"',
};

const MAX_CODE_POINT = 0x10ffff;

/** Ligatures and full-width forms, as ftfy knows them. */
const COMPATIBILITY_FORMS = /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\u3000\ufb00-\ufb06\uff01-\uffef]/g;

/** Control characters that ftfy removes: all but tabulators and ends of lines. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000e-\u001f\u007f\u206a-\u206f\ufeff\ufff9-\ufffc]/g;

/**
 * Brings a text to the form that CLIP's tokenizer splits: composed, references of HTML resolved twice,
 * blanks single, lower case (`basic_clean` and `whitespace_clean` of openai/CLIP). Of ftfy, which CLIP
 * cleans texts with first, it does ligatures, full-width forms, curly quotes, control characters and NFC. It
 * does not repair text that was decoded wrongly ("schÃ¶n").
 *
 * @throws SamError `prompt-invalid` for more than 4096 UTF-16 units and for half of a surrogate pair
 */
export function cleanText(text: string): string {
  checkText(text);
  const fixed = text
    .replace(COMPATIBILITY_FORMS, (char) => char.normalize("NFKC"))
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(CONTROLS, "")
    .normalize("NFC");
  return unescapeHtml(unescapeHtml(fixed))
    .replace(/[\s\u0085]+/g, " ")
    .trim()
    .toLowerCase();
}

function checkText(text: string): void {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new SamError(
      "prompt-invalid",
      `The text has ${text.length} characters; at most ${MAX_TEXT_LENGTH} are read. Describe the object in a few words.`,
    );
  }
  const place = text.search(/\p{Surrogate}/u);
  if (place >= 0) {
    const code = text.charCodeAt(place).toString(16);
    throw new SamError(
      "prompt-invalid",
      `The text has half of a surrogate pair (U+${code.toUpperCase()}) at ${place}: it is no valid Unicode.`,
    );
  }
}

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return REFERENCES[name] ?? whole;
    return character(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) ?? whole;
  });
}

/** Not for surrogates, which are no characters. */
function character(code: number): string | undefined {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code > MAX_CODE_POINT || isSurrogate ? undefined : String.fromCodePoint(code);
}
