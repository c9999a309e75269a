import type { IncomingHttpHeaders } from "node:http";
import { ServerError } from "../errors.js";

/** `*`, or entity tags: the text between the quotes, and whether the tag is weak. */
type TagList = "*" | readonly Tag[];

interface Tag {
  readonly value: string;
  readonly isWeak: boolean;
}

/** One entity tag of a list (RFC 9110, section 8.8.3). */
const TAG = /[\t ,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?:,[\t ,]*|$)/y;

/** Formats a version as an entity tag. */
export function entityTag(version: string): string {
  return `"${version}"`;
}

/**
 * Parses `If-Match` and `If-None-Match` of a request that changes something (RFC 9110, section 13). An
 * invalid header is refused: ignoring it would overwrite what the client wants to protect.
 *
 * @returns a predicate: whether the request may replace the given version, undefined for none
 * @throws ServerError `bad-request`
 */
export function readPreconditions(headers: IncomingHttpHeaders): (version: string | undefined) => boolean {
  const match = readTags("If-Match", headers["if-match"]);
  const noneMatch = readTags("If-None-Match", headers["if-none-match"]);
  return (version) =>
    (match === undefined || includes(match, version, { strong: true })) &&
    (noneMatch === undefined || !includes(noneMatch, version, { strong: false }));
}

/** Whether the client of a GET has the current version. An invalid header counts as none. */
export function isFresh({ "if-none-match": header }: IncomingHttpHeaders, version: string): boolean {
  const tags = header === undefined ? undefined : parseTags(header);
  return tags !== undefined && includes(tags, version, { strong: false });
}

function readTags(name: string, header: string | undefined): TagList | undefined {
  if (header === undefined) return undefined;
  const tags = parseTags(header);
  if (tags) return tags;
  throw new ServerError(
    "bad-request",
    `${name} is invalid: "${header.slice(0, 100)}". Send * or the ETag with its quotes.`,
  );
}

/** undefined for what is neither `*` nor a list */
function parseTags(header: string): TagList | undefined {
  if (header.trim() === "*") return "*";
  const tags: Tag[] = [];
  TAG.lastIndex = 0;
  do {
    const [found, weak, value] = TAG.exec(header) ?? [];
    if (!found) return undefined;
    tags.push({ value: value!, isWeak: weak !== undefined });
  } while (TAG.lastIndex < header.length);
  return tags;
}

function includes(
  tags: TagList,
  version: string | undefined,
  { strong }: { readonly strong: boolean },
): boolean {
  if (version === undefined) return false;
  return tags === "*" || tags.some(({ value, isWeak }) => value === version && !(strong && isWeak));
}
