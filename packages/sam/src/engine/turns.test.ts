import { expect, it } from "vitest";
import { createTurns } from "./turns.js";

const NEVER = new AbortController().signal;

/** Turns whose work writes down what it does. */
function setUp() {
  const turns = createTurns();
  const events: string[] = [];
  const short = (name: string, signal = NEVER) => turns.short(signal, async () => void events.push(name));
  const long = (name: string, steps: number, onStep: (step: number) => void = () => undefined) =>
    turns.long(NEVER, async (pause) => {
      for (let step = 1; step <= steps; step++) {
        events.push(`${name} ${step}`);
        onStep(step);
        await pause();
      }
    });
  return { turns, events, short, long };
}

it("does short work right after the step during which it comes, several in their order", async () => {
  const { events, short, long } = setUp();
  await long("search", 3, (step) => {
    if (step !== 2) return;
    void short("one");
    void short("other");
  });
  expect(events).toEqual(["search 1", "search 2", "one", "other", "search 3"]);
});

it("lets what short work made leave before the next step", async () => {
  const events: string[] = [];
  const turns = createTurns(async () => {
    await Promise.resolve();
    events.push("left");
  });
  await turns.long(NEVER, async (pause) => {
    for (const step of [1, 2]) {
      events.push(`search ${step}`);
      for (const name of step === 1 ? ["one", "other"] : [])
        void turns.short(NEVER, async () => void events.push(name));
      await pause();
    }
  });
  expect(events).toEqual(["search 1", "one", "left", "other", "left", "search 2"]);
});

it("does long work one after another, whatever short work comes between", async () => {
  const { events, short, long } = setUp();
  const first = long("first", 2, (step) => {
    if (step === 1) void short("click");
  });
  await Promise.all([first, long("second", 2)]);
  expect(events).toEqual(["first 1", "click", "first 2", "second 1", "second 2"]);
});

it("does short work at once where nothing else is done", async () => {
  const { events, short } = setUp();
  await short("click");
  expect(events).toEqual(["click"]);
});

it("skips what is aborted while it waits, and goes on", async () => {
  const { events, short, long } = setUp();
  const controller = new AbortController();
  let skipped: Promise<unknown> = Promise.resolve();
  const searching = long("search", 2, (step) => {
    if (step !== 1) return;
    skipped = short("aborted", controller.signal);
    skipped.catch(() => undefined);
    controller.abort();
  });
  await searching;
  await expect(skipped).rejects.toMatchObject({ code: "aborted" });
  expect(events).toEqual(["search 1", "search 2"]);
});

it("hands errors to whoever asked, and to nobody else", async () => {
  const { turns, events, long, short } = setUp();
  let failed: Promise<unknown> = Promise.resolve();
  await long("search", 2, (step) => {
    if (step !== 1) return;
    failed = turns.short(NEVER, () => Promise.reject(new Error("no")));
    failed.catch(() => undefined);
  });
  await expect(failed).rejects.toThrow("no");
  await expect(turns.long(NEVER, () => Promise.reject(new Error("neither")))).rejects.toThrow("neither");
  await short("after");
  expect(events).toEqual(["search 1", "search 2", "after"]);
});
