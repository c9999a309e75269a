import { safeFileName } from "../names/output-names.js";
import type { Dataset } from "../record.js";

/**
 * The annotation file of a data set as tools look for it: in `annotations/`, beside `images/`, with the name
 * of the set's part behind the prefix.
 */
export function partFileName(prefix: string, { part = "default" }: Dataset): string {
  return `annotations/${safeFileName(`${prefix}${part.replaceAll("/", "_")}.json`)}`;
}
