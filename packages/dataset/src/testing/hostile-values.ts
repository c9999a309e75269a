import { maxJsonDepth } from "../json/parse-json.js";

/** Texts of JSON that no field of a data set expects, or that code which trusts them fails at. */
export const hostileJson: readonly string[] = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e308",
  "1e999",
  "9007199254740993",
  '""',
  '"text"',
  '"__proto__"',
  '"constructor"',
  '"../../x"',
  '"a\\u0000b"',
  "[]",
  "[[]]",
  "[null]",
  '["1", {}]',
  "{}",
  '{"toString": 1}',
  '{"toString": null, "valueOf": 1}',
  '{"toJSON": 1, "then": 1, "length": -1}',
  '{"__proto__": {"toString": 1}}',
  '{"size": [5, 6], "counts": {"toString": 1}}',
  `${"[".repeat(maxJsonDepth - 12)}${"]".repeat(maxJsonDepth - 12)}`,
];

/** A value of a JSON file with the place of one of its fields, to be replaced. */
export type JsonPath = readonly (string | number)[];

/** Every place in a value; of a list that of its first entry alone. */
export function* pathsOf(value: unknown, path: JsonPath = []): Iterable<JsonPath> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  const keys = Array.isArray(value) ? [...value.keys()].slice(0, 1) : Object.keys(value);
  for (const key of keys) yield* pathsOf((value as Record<string, unknown>)[key], [...path, key]);
}

/** The JSON of a value with other JSON at one place; an object's field `__proto__` stays one. */
export function withJson(value: unknown, path: JsonPath, json: string): string {
  const [key, ...rest] = path;
  if (key === undefined) return json;
  if (Array.isArray(value))
    return `[${value.map((entry, i) => (i === key ? withJson(entry, rest, json) : JSON.stringify(entry)))}]`;
  const fields = Object.entries(value as object).map(
    ([name, entry]) =>
      `${JSON.stringify(name)}:${name === key ? withJson(entry, rest, json) : JSON.stringify(entry)}`,
  );
  return `{${fields}}`;
}
