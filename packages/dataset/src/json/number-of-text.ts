/** A decimal number, as people and tools write it. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that a word of a text file is; undefined for anything else. `Number` alone takes more: nothing
 * and space for 0, "0x10" for 16, and values that are no text.
 */
export function numberOfText(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const word = text.trim();
  const value = DECIMAL.test(word) ? Number(word) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
