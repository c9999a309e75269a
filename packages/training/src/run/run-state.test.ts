import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@segany/graph/weights";
import { createAtomicFile } from "@segany/runtime/files";
import { afterEach, beforeEach, expect, it } from "vitest";
import { initialState } from "../step/adamw.js";
import { loadRunState, type RunState, STATE_FILE, saveRunState } from "./run-state.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-state-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("reads what it saved", async () => {
  const state: RunState = {
    identity: "these settings",
    before: {
      loss: 1.5,
      click: 0.5,
      clickOracle: 0.75,
      box: 0.25,
      objects: 3,
      predIouThresh: 0.5,
      stabilityScoreThresh: 0.75,
    },
    best: null,
    last: null,
    sinceBest: 2,
    trainer: {
      optimizer: {
        ...initialState(new Map([["a.weight", { shape: [1, 2], data: Float32Array.of(0.1, -3) }]])),
        step: 7,
      },
      random: [1, 2, 3, 2 ** 32 - 1],
      queues: [[1, 0], []],
    },
  };
  await saveRunState(folder, state);
  expect(await loadRunState(folder)).toEqual(state);
});

it.each([
  undefined,
  "{",
  "{}",
  '{"step":1}',
  '{"step":1.5,"queues":[]}',
  '{"step":1,"queues":[0]}',
  '{"step":1,"queues":[["0"]]}',
])("refuses notes like %j", async (run) => {
  const file = await createAtomicFile(join(folder, STATE_FILE));
  await writeSafetensors([], (bytes) => file.append(bytes), run === undefined ? {} : { run });
  await file.finish();
  await expect(loadRunState(folder)).rejects.toMatchObject({ code: "run-mismatch" });
});
