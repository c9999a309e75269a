import { printable, SamError } from "@segany/masks";

/** Longer ones are no names of things. */
const MAX_CHARACTERS = 256;

/**
 * What words of a user have to be before an engine gets them.
 *
 * @returns the words without blanks around them, in Unicode's composed form, with single blanks
 * @throws SamError `prompt-invalid` for none, too many characters, control characters, or half a character
 */
export function checkWords(text: string): string {
  const words = text.normalize("NFC").trim().replace(/\s+/gu, " ");
  if (/[\p{Cc}\p{Cs}]/u.test(words)) throw invalid(text, "has control characters, or half a character");
  if (words === "") throw new SamError("prompt-invalid", "The text is empty: say what to look for.");
  if (words.length > MAX_CHARACTERS)
    throw invalid(text, `has ${words.length} characters; at most ${MAX_CHARACTERS} are taken`);
  return words;
}

function invalid(text: string, reason: string): SamError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new SamError("prompt-invalid", `The text "${printable(shown)}" ${reason}.`);
}
