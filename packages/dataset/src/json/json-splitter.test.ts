import fc from "fast-check";
import { expect, test } from "vitest";
import { createJsonSplitter, type JsonSplitterOptions } from "./json-splitter.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function split(
  bytes: Uint8Array,
  chunkBytes = 7,
  options: Partial<JsonSplitterOptions> = {},
): { key: string; index: number | undefined; value: unknown }[] {
  const pieces: { key: string; index: number | undefined; value: unknown }[] = [];
  const splitter = createJsonSplitter({
    label: "x.json",
    isSplit: (key) => key.startsWith("list"),
    onPiece: ({ key, index, bytes: piece }) =>
      pieces.push({ key, index, value: JSON.parse(new TextDecoder().decode(piece)) }),
    ...options,
  });
  for (let at = 0; at < bytes.length; at += chunkBytes) splitter.write(bytes.subarray(at, at + chunkBytes));
  splitter.end();
  return pieces;
}

test("a file is cut into members and the entries of lists that are to be split", () => {
  const text =
    '{ "info": {"a": [1, "]}\\""]},\n "list": [ {"id": 1} , 2,"x"], "other": [1, 2], "list2":[], "n":-1e3 }';
  expect(split(encode(text))).toEqual([
    { key: "info", index: undefined, value: { a: [1, ']}"'] } },
    { key: "list", index: 0, value: { id: 1 } },
    { key: "list", index: 1, value: 2 },
    { key: "list", index: 2, value: "x" },
    { key: "other", index: undefined, value: [1, 2] },
    { key: "n", index: undefined, value: -1000 },
  ]);
});

test("wherever the chunks end, the pieces are what JSON.parse gives", () => {
  const content = fc.record({
    list: fc.array(fc.jsonValue({ maxDepth: 4 })),
    other: fc.jsonValue({ maxDepth: 4 }),
  });
  fc.assert(
    fc.property(
      content,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 2 }),
      (value, chunkBytes, indent) => {
        const pieces = split(encode(JSON.stringify(value, undefined, indent)), chunkBytes);
        const parsed = JSON.parse(JSON.stringify(value));
        expect(pieces.filter(({ key }) => key === "list").map((piece) => piece.value)).toEqual(parsed.list);
        expect(pieces.find(({ key }) => key === "other")?.value).toEqual(parsed.other);
      },
    ),
  );
});

test("a byte order mark is passed over, and letters beyond ASCII may lie across chunks", () => {
  expect(split(encode('\uFEFF{"list":["ü€😀"]}'), 1)).toEqual([{ key: "list", index: 0, value: "ü€😀" }]);
});

test.each([
  ["no object at the top", "[1]", "json-invalid"],
  ["nothing at all", "", "json-invalid"],
  ["a cut-off file", '{"list":[{"id":1', "json-invalid"],
  ["a missing comma", '{"list":[1 2]}', "json-invalid"],
  ["a comma too many", '{"list":[1,]}', "json-invalid"],
  ["a missing colon", '{"list" [1]}', "json-invalid"],
  ["a missing value", '{"other":}', "json-invalid"],
  ["something after the end", "{} x", "json-invalid"],
  ["a member that is there twice", '{"list":[],"list":[]}', "json-invalid"],
  ["brackets nested a thousand deep", `{"other":${"[".repeat(1000)}`, "json-invalid"],
  ["a name that never ends", `{"${"a".repeat(5000)}`, "dataset-too-large"],
  ["a value that never ends", `{"other":"${"a".repeat(5000)}`, "dataset-too-large"],
])("refuses %s", (_, text, code) => {
  expect(() => split(encode(text), 64, { maxPieceBytes: 4096 })).toThrow(expect.objectContaining({ code }));
});
