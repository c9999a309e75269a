import { expect, test } from "vitest";
import type { EmbeddingStatus } from "../contract/images.js";
import { createStatusBoard } from "./status-board.js";

test("positions count those that wait, in the order in which they came", () => {
  const board = createStatusBoard();
  for (const id of ["a", "b", "c"]) board.queue(id);
  expect(board.get("c")).toEqual({ state: "queued", position: 3 });
  board.begin("a");
  expect(board.get("c")).toEqual({ state: "queued", position: 2 });
  expect(board.get("x")).toBeUndefined();
});

test("the expected time is unknown at first and then the median of those before", () => {
  const board = createStatusBoard();
  board.begin("a");
  expect(board.get("a")).toMatchObject({ state: "encoding", expectedMs: null });
  board.succeed("a");
  board.begin("b");
  expect((board.get("b") as { expectedMs: number }).expectedMs).toBeGreaterThanOrEqual(0);
});

test("who watches hears every change until they stop", () => {
  const board = createStatusBoard();
  const heard: EmbeddingStatus["state"][] = [];
  const stop = board.watch("a", ({ state }) => heard.push(state));
  board.queue("a");
  board.begin("a");
  board.fail("a", "damaged");
  board.queue("a");
  board.succeed("a");
  stop();
  board.queue("a");
  expect(heard).toEqual(["queued", "encoding", "failed", "queued", "ready"]);
});
