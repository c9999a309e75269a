import { DatasetError } from "@segany/dataset";
import { EvaluationError } from "@segany/evaluation";
import { SamError } from "@segany/masks";
import { ServerError } from "@segany/server";
import { expect, test } from "vitest";
import { errorLine, exitStatus, UsageError } from "./cli-error.js";

test("what the command line got wrong ends with 2, what failed with 1, what was interrupted with 130", () => {
  expect(exitStatus(new UsageError("no"))).toBe(2);
  expect(exitStatus(new SamError("prompt-invalid", "no"))).toBe(2);
  expect(exitStatus(new EvaluationError("option-invalid", "no"))).toBe(2);
  expect(exitStatus(new DatasetError("format-unknown", "no"))).toBe(2);
  expect(exitStatus(new DatasetError("tar-invalid", "no"))).toBe(1);
  expect(exitStatus(new EvaluationError("image-missing", "no"))).toBe(1);
  expect(exitStatus(new ServerError("internal", "no"))).toBe(1);
  expect(exitStatus(new Error("no"))).toBe(1);
  expect(exitStatus("no")).toBe(1);
  expect(exitStatus(new EvaluationError("aborted", "no"))).toBe(130);
  expect(exitStatus(new DatasetError("aborted", "no"))).toBe(130);
});

test("a library's error shows its code; others are put into words", () => {
  expect(errorLine(new EvaluationError("dataset-empty", "The set is empty."))).toBe(
    "segany: The set is empty. [dataset-empty]",
  );
  expect(errorLine(new DatasetError("json-invalid", "Not JSON."))).toBe("segany: Not JSON. [json-invalid]");
  expect(errorLine(new UsageError("Say what."))).toBe("segany: Say what.");
  const noFile = { code: "ENOENT", syscall: "open", path: "/a b" };
  expect(errorLine(Object.assign(new Error("ENOENT: no such file"), noFile))).toBe(
    'segany: "/a b" can\'t be used: no such file or folder; check the path.',
  );
  expect(errorLine(new TypeError("x is not a function\n  more"))).toMatch(
    /^segany: This is a bug in segany \(TypeError: x is not a function\); please report it/,
  );
  for (const thrown of [undefined, null, { toString: 1 }, Object.create(null), Symbol("s"), "text"])
    expect(errorLine(thrown)).toMatch(/^segany: An unknown error occurred/);
});
