import { SamError } from "@segany/masks";
import { expect, test } from "vitest";
import { ServerError } from "./errors.js";
import { apiErrorOf } from "./inference/sam-errors.js";
import { diskFull } from "./testing/faulty-store.js";

const full = diskFull();
const libvips =
  "/data/tmp/x: write error\nsystem error: No space left on device\nwbuffer_write: write failed";

test.each<[string, Error]>([
  ["the system's error", full],
  ["a used-up quota", Object.assign(new Error("EDQUOT"), { code: "EDQUOT" })],
  [
    "an error of the library that it caused",
    new SamError("file-unwritable", "a can't be written", { cause: full }),
  ],
  ["one further away", new Error("a", { cause: new Error("b", { cause: full }) })],
  ["libvips' words", new Error(libvips)],
])("%s is told as a full disk", (_name, error) => {
  expect(apiErrorOf(error)).toMatchObject({ code: "storage-full", cause: error });
});

test.each<[string, unknown, string]>([
  ["another error of the system", Object.assign(new Error("EIO"), { code: "EIO" }), "internal"],
  [
    "a refusal that has its code",
    new ServerError("image-unreadable", "no", { cause: full }),
    "image-unreadable",
  ],
  ["what is no error", "ENOSPC", "internal"],
])("%s is not", (_name, error, code) => {
  expect(apiErrorOf(error).code).toBe(code);
});

test("an error that is its own cause is looked at once", () => {
  const error = new Error("round");
  error.cause = error;
  expect(apiErrorOf(error).code).toBe("internal");
});
