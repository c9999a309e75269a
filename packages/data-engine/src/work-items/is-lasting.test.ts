import { DatasetError, type DatasetErrorCode } from "@segany/dataset";
import { SamError, type SamErrorCode } from "@segany/masks";
import { TrainingError } from "@segany/training";
import { expect, it } from "vitest";
import { DataEngineError, type DataEngineErrorCode } from "../errors.js";
import { isLasting } from "./is-lasting.js";

it("takes another attempt for what passes alone", () => {
  const engine = (code: DataEngineErrorCode) => new DataEngineError(code, "x");
  const dataset = (code: DatasetErrorCode) => new DatasetError(code, "x");
  const sam = (code: SamErrorCode) => new SamError(code, "x");
  const passing = [
    ...[engine("lease-lost"), engine("store-failed")],
    ...[dataset("aborted"), dataset("file-unreadable"), dataset("file-unwritable")],
    ...[sam("aborted"), sam("cache-failed"), sam("download-failed"), sam("file-unwritable")],
    ...[new Error("x"), new TypeError("x"), Object.assign(new Error("x"), { code: "ECONNRESET" })],
    ...["x", undefined, null],
  ];
  expect(passing.filter(isLasting)).toEqual([]);
  const lasting = [
    ...[engine("conflict"), engine("invalid"), engine("not-found"), engine("forbidden")],
    ...[dataset("dataset-invalid"), dataset("output-exists"), dataset("option-invalid")],
    ...[sam("checkpoint-not-found"), sam("checkpoint-invalid"), sam("image-unreadable")],
    ...[new TrainingError("data-empty", "x"), new TrainingError("training-diverged", "x")],
  ];
  expect(lasting.filter((error) => !isLasting(error))).toEqual([]);
});
