import { expect, test } from "vitest";
import { problemLine } from "./problem-line.js";

test("a problem's line names file, record and field", () => {
  const problem = {
    code: "area-mismatch",
    file: "a.json",
    record: "annotations 3 (id 7)",
    field: "area",
  } as const;
  expect(problemLine({ ...problem, message: "The area is 5, but the mask has 4 pixels." })).toBe(
    'area-mismatch: a.json, annotations 3 (id 7), field "area": The area is 5, but the mask has 4 pixels.',
  );
});

test("a place that the message tells is not told twice", () => {
  const message = '"a.json": annotations 3 is not valid JSON';
  expect(problemLine({ code: "json-invalid", file: "a.json", message })).toBe(`json-invalid: ${message}`);
});
