/** A server that trains model versions, in a process of its own, on a tiny model. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiTokens, openDataEngine } from "@segany/data-engine";
import { startServer } from "@segany/server";
import { createEngineClient } from "@segany/server/contract";
import { expect, onTestFinished, test } from "vitest";
import { addSmallProject, saveSmallModel } from "../../data-engine/src/testing/small-project.js";

test("a version is trained when a client asks for it, and can be taken back", async () => {
  const root = await mkdtemp(join(tmpdir(), "segany-retraining-"));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  const checkpoint = join(root, "base.safetensors");
  await saveSmallModel(checkpoint);
  const directory = join(root, "data");
  const server = await startServer({
    ...{ directory, port: 0, workers: 1, model: { checkpoint, threads: 1 }, logLevel: "silent" },
  });
  onTestFinished(server.close);
  const engine = await openDataEngine({ file: join(directory, "engine.sqlite") });
  onTestFinished(engine.close);
  const { person, project } = await addSmallProject(engine, directory, 4);
  const { secret: token } = await createApiTokens(engine.context).create(person, "test");
  const client = createEngineClient(server.url, { token });
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
