import { expect, test } from "vitest";
import { createTurns } from "./turns.js";

test("work on one key follows in order, whether it succeeds or not, and other keys don't wait", async () => {
  const inTurn = createTurns();
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const first = inTurn("a", async () => {
    order.push("a begins");
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    order.push("a ends");
    throw new Error("no");
  });
  const second = inTurn("a", async () => order.push("a again"));
  await inTurn("b", async () => order.push("b"));
  expect(order).toEqual(["a begins", "b"]);
  finish();
  await expect(first).rejects.toThrow("no");
  await second;
  expect(order).toEqual(["a begins", "b", "a ends", "a again"]);
});
