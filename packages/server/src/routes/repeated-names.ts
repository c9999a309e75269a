import { measureJson } from "@segany/dataset/formats";
import { ServerError } from "../errors.js";

/**
 * Refuses masks with an object that has a name twice: parsers differ in which value they take, so the meaning
 * is undefined.
 *
 * @param bytes valid JSON
 * @param value the parsed bytes
 * @throws ServerError `mask-invalid` with the position
 */
export function refuseRepeatedNames(bytes: Buffer, value: unknown): void {
  if (countMembers(value) === measureJson(bytes).members) return;
  const place = findRepeatedName(bytes.toString("utf8"));
  throw new ServerError(
    "mask-invalid",
    `The masks have "${place.slice(0, 200)}" twice; give each name once.`,
  );
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const parts = Object.values(value);
  return parts.reduce((sum, part) => sum + countMembers(part), Array.isArray(value) ? 0 : parts.length);
}

/** A string, with the colon that makes it a name; or a structural character. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|[[\]{},]/g;

/** Position of the first repeated name, for example "annotations.3.id". */
function findRepeatedName(text: string): string {
  const path: (string | number)[] = [];
  const names: (Set<string> | undefined)[] = [];
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    const own = names.at(-1);
    if (token === "{" || token === "[") {
      names.push(token === "{" ? new Set() : undefined);
      path.push(0);
    } else if (token === "}" || token === "]") {
      names.pop();
      path.pop();
    } else if (token === "," && !own) {
      path[path.length - 1] = (path.at(-1) as number) + 1;
    } else if (string && colon && own) {
      const name = JSON.parse(string) as string;
      path[path.length - 1] = name;
      if (own.has(name)) return path.join(".");
      own.add(name);
    }
  }
  return "a name";
}
