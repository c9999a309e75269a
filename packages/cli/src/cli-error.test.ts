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

test("a library's error shows its code, another's its message alone", () => {
  expect(errorLine(new EvaluationError("dataset-empty", "The set is empty."))).toBe(
    "segany: The set is empty. [dataset-empty]",
  );
  expect(errorLine(new DatasetError("json-invalid", "Not JSON."))).toBe("segany: Not JSON. [json-invalid]");
  expect(errorLine(new Error("Boom."))).toBe("segany: Boom.");
  expect(errorLine(Object.assign(new Error("No file."), { code: "ENOENT" }))).toBe("segany: No file.");
});
