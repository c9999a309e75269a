import { maskToRuns } from "@segany/masks";
import { expect, it, vi } from "vitest";
import type { Candidate } from "./candidate.js";
import { createKeptProposals } from "./kept-proposals.js";
import type { Selection } from "./selection.js";

const ALL: Selection = {
  predIouThresh: 0,
  stabilityScoreThresh: 0,
  boxNmsThresh: 1,
  cropNmsThresh: 1,
  minMaskRegionArea: 0,
};
const crop = { boxXyxy: [0, 0, 4, 4], layer: 0 } as unknown as Candidate["crop"];
const pixel = maskToRuns({
  width: 4,
  height: 4,
  data: Uint8Array.from({ length: 16 }, (_, i) => +(i === 5)),
});

/** One that is as stable as said; `measured` counts how often that was asked for. */
function candidate(stabilityScore: number) {
  const measured = vi.fn(() => stabilityScore);
  const made = {
    crop,
    point: [1, 1],
    predictedIou: 0.9,
    get stabilityScore() {
      return measured();
    },
    isStable: (threshold: number) => stabilityScore >= threshold,
    boxXyxy: [1, 1, 1, 1],
    mask: () => pixel,
  } as unknown as Candidate;
  return { made, measured };
}

const task = (searchId: number, stabilityScoreThresh = 0) => ({
  searchId,
  floor: { predIouThresh: 0, stabilityScoreThresh },
});

it("selects from all crops of an image, also from one that is still searched", async () => {
  const kept = createKeptProposals();
  await kept.searching(task(1), async (found) => void found.push(candidate(0.9).made));
  await kept.searching(task(2), async (found) => void found.push(candidate(0.5).made));
  await kept.searching(task(1), async (found) => {
    found.push(candidate(0.8).made);
    expect(kept.select(1, ALL, "official").map(({ stabilityScore }) => stabilityScore)).toEqual([0.9, 0.8]);
  });
});

it("selects nothing below the floor of the search, whatever is asked for", async () => {
  const kept = createKeptProposals();
  await kept.searching(
    task(1, 0.7),
    async (found) => void found.push(...[0.6, 0.8].map((score) => candidate(score).made)),
  );
  const scores = (stabilityScoreThresh: number) =>
    kept.select(1, { ...ALL, stabilityScoreThresh }, "official").map(({ stabilityScore }) => stabilityScore);
  expect([scores(0), scores(0.9)]).toEqual([[0.8], []]);
});

it("has nothing of a number that was released, and still has the others", async () => {
  const kept = createKeptProposals();
  for (const searchId of [1, 2, 3]) await kept.searching(task(searchId), async () => undefined);
  const gone = expect.objectContaining({ code: "inference-failed" });
  kept.release(1);
  expect(() => kept.select(1, ALL, "official")).toThrow(gone);
  expect(kept.select(2, ALL, "official")).toEqual([]);
  kept.releaseAll();
  for (const searchId of [2, 3, 4]) expect(() => kept.select(searchId, ALL, "official")).toThrow(gone);
});

it("keeps what was found before a search failed", async () => {
  const kept = createKeptProposals();
  const failed = kept.searching(task(1), async (found) => {
    found.push(candidate(0.9).made);
    throw new Error("the device is gone");
  });
  await expect(failed).rejects.toThrow("the device is gone");
  expect(kept.select(1, ALL, "official")).toHaveLength(1);
});

it("measures stability ahead when no crop is searched any more, and not of what was released", async () => {
  const kept = createKeptProposals();
  const [wanted, released, busy] = [candidate(0.9), candidate(0.9), candidate(0.9)];
  await kept.searching(task(3), async (found) => void found.push(released.made));
  kept.release(3);
  await kept.searching(task(1), async (found) => {
    await kept.searching(task(2), async (others) => void others.push(busy.made));
    await new Promise((resolve) => setTimeout(resolve)); // its turn comes while the other crop is searched
    found.push(wanted.made);
  });
  await expect.poll(() => wanted.measured.mock.calls.length).toBeGreaterThan(0);
  expect(released.measured).not.toHaveBeenCalled();
  expect(busy.measured).not.toHaveBeenCalled();
});
