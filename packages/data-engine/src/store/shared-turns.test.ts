import { expect, it } from "vitest";
import { onPostgres } from "../testing/on-both-databases.js";
import { openStore } from "./open-store.js";
import { createSharedTurns } from "./shared-turns.js";

onPostgres("turns of several processes", (open) => {
  /** Two stores, as two processes have them. */
  async function openTwo() {
    const { location, db } = await open();
    const other = await openStore(location);
    return { turns: [createSharedTurns(db), createSharedTurns(other.db)], close: other.close };
  }

  it("run work with one key one after the other, and with different keys at the same time", async () => {
    const { turns, close } = await openTwo();
    let [running, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => turns[i % 2]!("a", work)));
    expect(most).toBe(1);
    let meet: () => void = () => undefined;
    const meeting = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const first = turns[0]!("a", () => meeting);
    await turns[1]!("b", async () => meet()); // would wait for ever if keys shared their turns
    await first;
    await close();
  });

  it("go on after work that fails, whose error is passed on", async () => {
    const { turns, close } = await openTwo();
    const failing = turns[0]!("a", async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await turns[1]!("a", async () => "next")).toBe("next");
    await close();
  });
});
