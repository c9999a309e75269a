import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderState, makeTree } from "../../../../scripts/testing/folder-state.mjs";
import type { PredictOptions } from "./options.js";
import { refuseForeignResults } from "./refuse-foreign.js";

const RESULT = JSON.stringify({ image: {}, model: {}, prompts: [], masks: [] });
let output = "";
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), "segany-outputs-"));
});
afterEach(() => rm(output, { recursive: true, force: true, maxRetries: 10 }));

const check = (options: Partial<PredictOptions> = {}) =>
  refuseForeignResults("photos/a.jpg", { output, picture: true, ...options } as PredictOptions);

test.each<[string, Partial<PredictOptions>]>([
  ["a.predict.json", {}],
  ["a.predict.png", {}],
  ["a.logits.npy", { saveLogits: true }],
])("%s of somebody else is not replaced, unless the user says so", async (name, options) => {
  await check(options);
  makeTree(output, { [name]: "mine" });
  const before = folderState(output);
  await expect(check(options)).rejects.toThrow(/exists, and no earlier run wrote it.*--overwrite/);
  expect(folderState(output)).toBe(before);
  await check({ ...options, overwrite: true });
});

test("what an earlier prediction wrote is replaced, and what this one doesn't write may be there", async () => {
  makeTree(output, { "a.predict.png": "mine", "a.logits.npy": "mine" });
  await check({ picture: false });
  makeTree(output, { "a.predict.json": RESULT });
  await check({ saveLogits: true });
});

test.each([
  ["", "cut off"],
  ["{", "damaged"],
  ["null", "of nothing"],
  ['{"prompts":1,"masks":2}', "of something else"],
])("JSON %j, %s, is no earlier prediction", async (content) => {
  makeTree(output, { "a.predict.json": content });
  await expect(check()).rejects.toThrow(/no earlier run wrote it/);
});

test("a link to an earlier prediction is none", async () => {
  makeTree(output, { "other.json": RESULT, "a.predict.json": "->other.json" });
  await expect(check()).rejects.toThrow(/no earlier run wrote it/);
});
