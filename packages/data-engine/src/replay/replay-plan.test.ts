import { randomUUID } from "node:crypto";

import { emptyRuns, type MaskRuns, type Rle, rleToRuns, runsToRle, xorRuns } from "@segany/masks";
import type { Sam } from "@segany/sam";
import { expect, it } from "vitest";
import type { AnnotationChange, Provenance } from "../annotations/annotation.js";
import type { MaskStep } from "../annotations/mask-steps.js";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam, SIZE } from "../testing/team.js";
import { createReplayer } from "./replay-mask.js";
import { planReplay } from "./replay-plan.js";

const change = (before: MaskRuns, after: Rle): MaskStep => ({
  kind: "edit",
  change: runsToRle(xorRuns(before, rleToRuns(after))),
});
const click: MaskStep = { kind: "predict", points: [[1, 2, 1]], multimask: true, chosen: 0 };
const first = boxMask(0, 0, 4, 5);
const second = boxMask(2, 2, 8, 5);
const painted = change(emptyRuns(SIZE), first);
const widened = change(rleToRuns(first), second);

onBothDatabases("a replay", (open) => {
  async function openObject() {
    const team = await openTeam(open);
    await team.addTask(1);
    const lock = (await team.engine.queue.next(team.people.anna, team.project))!;
    const annotation = randomUUID();
    let base = 0;
    const put = async (mask: Rle, provenance: Partial<Provenance>) => {
      const ids = { change: randomUUID(), annotation, base: base++ };
      const full: Provenance = { source: "manual", ...provenance };
      const changed: AnnotationChange = { ...ids, kind: "put", mask, className: "pear", provenance: full };
      await team.engine.annotations.save(lock, [changed]);
    };
    const restore = (revision: number) =>
      team.engine.annotations.save(lock, [
        { change: randomUUID(), annotation, base: base++, kind: "restore", revision },
      ]);
    const context = { db: team.db, now: team.now };
    const plan = (revision?: number) => planReplay(context, annotation, revision);
    return { ...team, annotation, put, restore, plan };
  }

  const replayer = createReplayer({
    loadModel: async () => ({ model: { name: "vit_b", checkpointSha256: "b".repeat(64) } }) as unknown as Sam,
    readImage: () => Promise.reject(new Error("not asked for here")),
  });

  it("makes a mask of its edits, over the revisions that it builds on", async () => {
    const { put, restore, plan, engine, project, annotation } = await openObject();
    await put(first, { steps: [painted] });
    await put(second, { steps: [{ kind: "previous" }, widened] });
    await restore(1);
    await put(second, { steps: [{ kind: "previous" }, widened] });
    const results = [];
    for (const revision of [1, 2, 3, 4]) {
      const { mask: _, ...result } = await replayer.replay(await plan(revision));
      results.push([result.iou, result.differingPx, result.edits]);
    }
    expect(results).toEqual([
      [1, 0, 1],
      [1, 0, 2],
      [1, 0, 1],
      [1, 0, 2],
    ]);
    expect((await plan()).revision).toBe(4);
    await expect(plan(5)).rejects.toMatchObject({ code: "not-found" });
    expect(await engine.annotations.ids(project)).toEqual([annotation]);
  });

  it("says how many pixels differ", async () => {
    const { put, plan } = await openObject();
    await put(second, { steps: [painted] }); // 40 pixels, of which the steps make 6 of 20
    expect(await replayer.replay(await plan())).toMatchObject({
      differingPx: 48,
      iou: expect.closeTo(6 / 54, 12),
    });
  });

  it.each<[what: string, provenance: Partial<Provenance>, reason: RegExp]>([
    ["imported", { source: "imported" }, /imported/],
    ["of everything mode", { source: "automatic" }, /everything mode/],
    ["without prompts", { source: "semi-automatic", events: [] }, /prompts and edits are not recorded/],
    ["that begin with nothing", { steps: [{ kind: "previous" }] }, /builds on revision 0/],
    ["of an unknown kind", { steps: [{ kind: "dream" } as never] }, /unknown kind "dream"/],
    ["of another size", { steps: [{ kind: "edit", change: { size: [3, 3], counts: "9" } }] }, /size/],
    ["that feed back nothing", { steps: [painted, { ...click, rough: "logits" } as MaskStep] }, /logits/],
    ["without a model", { steps: [click] }, /not recorded which model/],
    [
      "of another checkpoint",
      { steps: [click], model: { name: "mobile_sam", hash: "a".repeat(64) } },
      /needs the checkpoint of "mobile_sam" with the SHA-256 a{64}, and "vit_b" has b{64}/,
    ],
  ])("refuses masks or steps %s", async (_, provenance, reason) => {
    const { put, plan } = await openObject();
    await put(first, provenance);
    const replayed = plan().then((found) => replayer.replay(found));
    await expect(replayed).rejects.toMatchObject({ code: "not-replayable", message: reason });
  });
});
