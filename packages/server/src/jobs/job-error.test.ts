import { expect, test } from "vitest";
import { ServerError } from "../errors.js";
import { jobErrorOf, withoutFolders } from "./job-error.js";

test("a fault is written down with its cause, a refusal as it is", () => {
  const cause = new Error('SamError: "/home/ann/.cache/segany/graphs/a/model.onnx" is damaged');
  expect(jobErrorOf(new ServerError("internal", "It failed.", { cause }))).toEqual({
    code: "internal",
    message: 'It failed. The cause: SamError: "model.onnx" is damaged',
  });
  const refusal = new ServerError("image-too-large", "Too large.", { cause });
  expect(jobErrorOf(refusal)).toEqual({ code: "image-too-large", message: "Too large." });
});

test.each([
  ["open '/home/ann/x y/a.bin': no", "open '/home/ann/x y/a.bin': no".replace("/home/ann/x y/", "x y/")],
  ["/a/b", "b"],
  ["C:\\Users\\ann\\a.bin failed", "a.bin failed"],
  ["\\\\host\\share\\a.bin failed", "a.bin failed"],
  ["see https://onnxruntime.ai/docs/a", "see https://onnxruntime.ai/docs/a"],
  ["shape 1/2 and/or 3", "shape 1/2 and/or 3"],
  ["nothing to hide", "nothing to hide"],
])("folders of this machine are left out of %j", (text, shown) => {
  expect(withoutFolders(text)).toBe(shown);
});
