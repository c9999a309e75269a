/** Everything mode by command, and the list of the machine's work. */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openDataEngine } from "@segany/data-engine";
import { saveFreshSam } from "@segany/training";
import { expect, it } from "vitest";
import { SMALL_SAM } from "../../training/src/testing/small-sam.js";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);

async function engine(...args: string[]) {
  const { status, stdout, stderr } = await workplace.run("engine", ...args, "--json");
  expect([status, stderr], args.join(" ")).toEqual([0, ""]);
  return JSON.parse(stdout);
}

it("adds masks of everything mode, and shows, cancels and repeats work", async () => {
  mkdirSync(at("photos"));
  copyFileSync(at("photo.jpg"), at("photos", "a.jpg"));
  await engine("init", "photos", "--class", "pear");
  await saveFreshSam({ path: at("small.safetensors"), architecture: SMALL_SAM });
  const settings = ["--points-per-side", "4", "--pred-iou-thresh", "0", "--stability-score-thresh", "0"];
  const made = await engine(
    ...["segment", "photos", "--class", "pear", "--checkpoint", at("small.safetensors"), ...settings],
  );
  expect(made).toMatchObject({ done: 1, total: 1, busy: 0, unreadable: 0 });
  expect(made.masks).toBeGreaterThan(0);
  const opened = await openDataEngine({ file: at("segany-data", "engine.sqlite") });
  const [project] = await opened.projects.list();
  expect(await opened.annotations.ids(project!.id)).toHaveLength(made.masks);
  await opened.close();

  const { work: queued } = await engine("segment", "photos", "--queue");
  const list = async (...args: string[]) => (await engine("work", ...args)).work;
  expect(
    (await list("--kind", "segment")).map(({ id, state }: { id: string; state: string }) => [id, state]),
  ).toEqual([
    [queued, "queued"],
    [made.work, "done"],
  ]);
  expect((await engine("work", "cancel", queued)).state).toBe("cancelled");
  expect((await list("--state", "cancelled")).map(({ id }: { id: string }) => id)).toEqual([queued]);
  expect((await engine("work", "again", queued)).state).toBe("queued");
  const { stdout } = await workplace.run("engine", "work", "list");
  expect(stdout).toMatch(new RegExp(`^${queued} segment queued$`, "m"));
  const unknown = await workplace.run("engine", "segment", "photos", "--class", "plum");
  expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('no class "plum"')]);
});
