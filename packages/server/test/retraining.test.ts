/** A server that trains model versions, in a process of its own, on a tiny model. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiTokens, openDataEngine } from "@segany/data-engine";
import { startServer } from "@segany/server";
import { createEngineClient } from "@segany/server/contract";
import { expect, onTestFinished, test } from "vitest";
import { addSmallProject, saveSmallModel } from "../../data-engine/src/testing/small-project.js";

/** A server with a project of images, on a tiny model or the embedded one. */
async function openServer(images: number, { labelled = images, isTiny = true } = {}) {
  const root = await mkdtemp(join(tmpdir(), "segany-retraining-"));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  const checkpoint = join(root, "base.safetensors");
  await saveSmallModel(checkpoint);
  const directory = join(root, "data");
  const server = await startServer({
    ...{
      directory,
      port: 0,
      workers: 1,
      model: { ...(isTiny && { checkpoint }), threads: 1 },
      logLevel: "silent",
    },
  });
  onTestFinished(server.close);
  const engine = await openDataEngine({ file: join(directory, "engine.sqlite") });
  onTestFinished(engine.close);
  const { person, project } = await addSmallProject(engine, directory, images, labelled);
  const { secret: token } = await createApiTokens(engine.context).create(person, "test");
  return { person, project, client: createEngineClient(server.url, { token }) };
}

test("a version is trained when a client asks for it, and can be taken back", async () => {
  const { person, project, client } = await openServer(4);
  const training = { steps: 2, learningRate: 0.03 };
  const begun = await client.retrainModel({ params: { project }, body: { training, force: "try it" } });
  expect(begun).toMatchObject({ number: 1, state: "training", settings: { training, force: "try it" } });
  const again = client.retrainModel({ params: { project }, body: {} });
  await expect(again).rejects.toMatchObject({ code: "conflict" });
  const params = { model: begun.id };
  await expect.poll(async () => (await client.getModelVersion({ params })).state).toBe("current");
  const [base, version] = await client.listModelVersions({ params: { project } });
  expect([base!.state, version!.reason]).toEqual(["former", "try it"]);
  expect(version!.scores!.after.objects).toBe(1);
  const curves = await client.getTrainingCurves({ params });
  expect(curves.filter(({ loss }) => typeof loss === "number").map(({ step }) => step)).toEqual([1, 2]);
  expect(await client.getTrainingCurves({ params: { model: base!.id } })).toEqual([]);
  const back = await client.useModelVersion({ params: { model: base!.id }, body: { reason: "back" } });
  expect(back).toMatchObject({ number: 0, state: "current", chosenBy: person, reason: "back" });
});

test("stages are run when a client asks for them, and their masks are audited", async () => {
  const { project, client } = await openServer(6, { labelled: 4, isTiny: false });
  const params = { project };
  expect(await client.getStageAudit({ params })).toEqual({ audit: null });
  const settings = { precision: 0.01, pointsPerSide: 4, images: 1 };
  const begun = await client.runStage({ params, body: { stage: 2, ...settings } });
  expect(begun).toMatchObject({ stage: 2, version: null, images: { done: 0, total: 1 }, settings });
  await expect(client.runStage({ params, body: { stage: 3 } })).rejects.toMatchObject({ code: "conflict" });
  const work = async () => (await client.getWorkItem({ params: begun })).state;
  await expect.poll(work).toBe("done");
  const [second] = await client.listStageRuns({ params });
  expect(second).toMatchObject({ id: begun.id, images: { done: 1, total: 1 } });
  expect(second!.finishedAt).not.toBeNull();
  await expect(client.beginStageAudit({ params, body: {} })).rejects.toMatchObject({ code: "conflict" });
  const third = await client.runStage({ params, body: { stage: 3, ...settings } });
  const state = async () => (await client.getWorkItem({ params: third })).state;
  await expect.poll(state).toBe("done");
  const { masks } = (await client.listStageRuns({ params }))[0]!;
  expect(masks).toBeGreaterThan(1); // of the square
  const audit = await client.beginStageAudit({ params, body: { masks: 2 } });
  expect(audit).toMatchObject({ run: third.id, masks: { total: 2, done: 0 } });
  expect(await client.getStageAudit({ params })).toEqual({ audit });
});
