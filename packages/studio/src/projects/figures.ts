/** Figures of statistics as text. Pure. */

import { formatPercent } from "../text.js";

const NONE = "–";

export function formatDecimal(value: number | null): string {
  return value === null ? NONE : value.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** 0.934 -> "93 %" */
export function formatShare(value: number | null): string {
  return value === null ? NONE : formatPercent(value);
}

export function formatIou(value: number | null): string {
  return value === null ? NONE : value.toFixed(2);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** 5 400 000 -> "1.5 h" */
export function formatTime(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms >= 2 * DAY_MS) return `${formatDecimal(ms / DAY_MS)} days`;
  if (ms >= HOUR_MS) return `${formatDecimal(ms / HOUR_MS)} h`;
  return ms >= MINUTE_MS ? `${formatDecimal(ms / MINUTE_MS)} min` : `${formatDecimal(ms / 1000)} s`;
}

/** Of the hash of a model so much is shown. */
const HASH_CHARACTERS = 8;

/**
 * "mobile_sam 6dbb9052…" for a model's name and hash, and "version 3" for one of the project's.
 *
 * @param versions of the project's model
 */
export function formatModel(
  key: string,
  versions: readonly { readonly number: number; readonly checkpoint: string | null }[] = [],
): string {
  if (key === "") return "no model";
  const [name, hash = ""] = key.split(" ");
  const version = versions.find(({ checkpoint }) => checkpoint !== null && checkpoint === hash);
  if (version) return `version ${version.number}`;
  return hash.length > HASH_CHARACTERS ? `${name} ${hash.slice(0, HASH_CHARACTERS)}…` : key;
}
