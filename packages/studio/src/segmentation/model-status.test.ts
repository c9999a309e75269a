import type { BrowserSam, RunOptions } from "@segany/sam/browser";
import { expect, it } from "vitest";
import type { ModelStatus } from "../state/status.js";
import { loadModel } from "./model-status.js";

/** A model whose loading a test ends, and what is told of it. */
function setUp() {
  const told: ModelStatus[] = [];
  let options: RunOptions = {};
  let finish: (sam: BrowserSam) => void = () => undefined;
  const model = loadModel(
    "Model",
    (given) => {
      options = given;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    (status) => told.push(status),
  );
  const sam = { model: { name: "toy" }, close: async () => undefined } as unknown as BrowserSam;
  return {
    note: (text: string) => options.onNote?.(text),
    ready: async () => {
      finish(sam);
      await model.sam;
    },
    close: model.close,
    last: () => told.at(-1),
  };
}

it("tells of what makes the model slower, also when that happens long after it was loaded", async () => {
  const { note, ready, last } = setUp();
  note("One thread.");
  expect(last()).toMatchObject({ state: "loading" });
  await ready();
  expect(last()).toEqual({ state: "ready", name: "toy", note: "One thread." });
  note("WebGPU has failed.");
  expect(last()).toEqual({ state: "ready", name: "toy", note: "One thread. WebGPU has failed." });
});

it("tells nothing of a model that is not used any more", async () => {
  const { note, ready, last, close } = setUp();
  await ready();
  await close();
  note("WebGPU has failed.");
  expect(last()).toEqual({ state: "ready", name: "toy", note: null });
});
