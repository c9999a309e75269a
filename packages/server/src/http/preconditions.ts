import type { IncomingHttpHeaders } from "node:http";
import { ServerError } from "../errors.js";

/** `*`, or entity tags: the text between their quotes, and whether they are weak. */
type TagList = "*" | readonly Tag[];

interface Tag {
  readonly value: string;
  readonly isWeak: boolean;
}

/** One entity tag of a list, RFC 9110 section 8.8.3. */
const TAG = /[\t ,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?:,[\t ,]*|$)/y;

/** The version as a header has it. */
export function entityTag(version: string): string {
  return `"${version}"`;
}

/**
 * What `If-Match` and `If-None-Match` of a request that changes something ask for (RFC 9110 section 13). One that can't
 * be read is refused: taking it for none would write over what its client wants to be spared.
 *
 * @returns whether the version that is there, undefined for none, is one that the request may replace
 * @throws ServerError `bad-request`
 */
export function readPreconditions(headers: IncomingHttpHeaders): (version: string | undefined) => boolean {
  const match = readTags("If-Match", headers["if-match"]);
  const noneMatch = readTags("If-None-Match", headers["if-none-match"]);
  return (version) =>
    (match === undefined || includes(match, version, { strong: true })) &&
    (noneMatch === undefined || !includes(noneMatch, version, { strong: false }));
}

/** Whether the client of a GET has the version already. A header that can't be read names none. */
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
    `${name} can't be read: "${header.slice(0, 100)}". Send * or the ETag with its quotes.`,
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
