import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderState, makeTree } from "../../../../scripts/testing/folder-state.mjs";
import { noteBegun } from "./journal.js";
import type { SegmentOptions } from "./options.js";
import { outputNames } from "./output-names.js";
import { refuseForeignOutputs } from "./refuse-foreign.js";

const INPUTS = [{ path: "a.jpg", fileName: "sub/a.jpg", outputStem: "sub/a", imageId: 1 }];
let output = "";
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), "segany-outputs-"));
});
afterEach(() => rm(output, { recursive: true, force: true, maxRetries: 10 }));

const optionsOf = (options: Partial<SegmentOptions>) =>
  ({ output, format: "sa1b", picture: true, ...options }) as SegmentOptions;
const check = (options: Partial<SegmentOptions>) => refuseForeignOutputs(INPUTS, optionsOf(options));

test.each<[string, Partial<SegmentOptions>]>([
  ["sub/a.json", {}],
  ["sub/a.png", {}],
  ["sub/a/0.png", { format: "png", picture: false }],
  ["sub/a-cutouts/0.png", { cutouts: true }],
  ["annotations.json", { format: "coco" }],
  ["annotations-1-of-2.json", { format: "coco", shard: "1/2" }],
])(
  "%s that no run wrote is not replaced, unless the user says so or a run has begun it",
  async (name, options) => {
    await check(options);
    makeTree(output, { [name]: "mine", "other.json": "mine" });
    const before = folderState(output);
    await expect(check(options)).rejects.toThrow(/exists, and no earlier run wrote it.*--overwrite/);
    expect(folderState(output)).toBe(before);
    await check({ ...options, overwrite: true });
    await noteBegun(output, INPUTS[0]!, ["sub/other.json"]);
    await expect(check(options)).rejects.toThrow(/exists, and no earlier run wrote it/);
    await noteBegun(output, INPUTS[0]!, outputNames(INPUTS[0]!, optionsOf(options)));
    await noteBegun(output, INPUTS[0]!, ["sub/other.json"]);
    await check(options);
  },
);

test("what this run doesn't write may be there", async () => {
  makeTree(output, { "sub/a.png": "mine", "sub/a-cutouts/0.png": "mine", "annotations.json": "mine" });
  await check({ picture: false });
});

test.each([
  ["", "cut off"],
  ["{", "damaged"],
  ['{"begun":true}', "of something else"],
  ['{"names":"sub/a.json"}', "with other names"],
])("what a journal entry %j does not name is somebody's", async (entry) => {
  makeTree(output, { ".segany/sub/a.json": entry, "sub/a.json": "mine" });
  await expect(check({})).rejects.toThrow(/no earlier run wrote it/);
});
