import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineLock } from "../api/engine.js";
import { StudioError } from "../errors.js";
import { createImageLocks } from "./image-locks.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lockOf = (image: string) => ({ job: "j", image, person: "p", number: 1, expiresAt: 0 }) as EngineLock;

function open({ unsent = [] as string[], keep = async (): Promise<unknown> => undefined } = {}) {
  const kept: string[] = [];
  const released: string[] = [];
  const lost: string[] = [];
  const engine = {
    takeLock: async ({ params }: { params: { image: string } }) => lockOf(params.image),
    async keepLock({ params }: { params: { image: string } }) {
      kept.push(params.image);
      await keep();
    },
    async releaseLock({ params }: { params: { image: string } }) {
      released.push(params.image);
    },
  };
  const locks = createImageLocks({
    ...{ engine: engine as never, job: "j", lockMs: 3000 },
    send: async (image) => !unsent.includes(image),
    onLost: (image) => lost.push(image),
  });
  return { locks, kept, released, lost };
}

describe("locks", () => {
  it("are kept by heartbeats, until they are closed", async () => {
    const { locks, kept } = open();
    locks.add(lockOf("a"));
    await locks.take("b");
    await vi.advanceTimersByTimeAsync(2000);
    expect(kept).toEqual(["a", "b", "a", "b"]);
    locks.close();
    await vi.advanceTimersByTimeAsync(5000);
    expect(kept).toHaveLength(4);
  });

  it("are lost if another has the image, and not if the server does not answer", async () => {
    const errors = [
      new StudioError("server-unreachable", "no answer"),
      new StudioError("lock-lost", "ben works on it"),
    ];
    const { locks, lost } = open({ keep: () => Promise.reject(errors.shift()) });
    locks.add(lockOf("a"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(lost).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(lost).toEqual(["a"]);
    locks.close();
  });

  it("are given back but for one, and for images that are not sent yet", async () => {
    const { locks, released } = open({ unsent: ["b"] });
    for (const image of ["a", "b", "c"]) locks.add(lockOf(image));
    await locks.release("c");
    expect(released).toEqual(["a"]);
    expect(["a", "b", "c"].filter((image) => locks.get(image))).toEqual(["b", "c"]);
    await locks.release();
    expect(released).toEqual(["a", "c"]);
    locks.close();
  });
});
