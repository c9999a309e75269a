/** Versions of a project's model that take each other's place on a running server, on a tiny model. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiTokens, openDataEngine, openingOf } from "@segany/data-engine";
import { loadSam, readImage, SamPredictor } from "@segany/sam";
import { startServer } from "@segany/server";
import { createEngineClient, EMBEDDING_HEADERS, type PredictResponse, paths } from "@segany/server/contract";
import { expect, onTestFinished, test } from "vitest";
import {
  addSmallProject,
  readSmallImage,
  saveSmallModel,
} from "../../data-engine/src/testing/small-project.js";
import { multipart } from "./client.js";
import { readEvents } from "./events.js";

const CLICK = { pointCoords: [[20, 40]] as [number, number][], pointLabels: [1 as const] };
const TRAINING = { steps: 3, learningRate: 0.03 };

/** A server on a tiny model, with a project whose images it has. */
async function openServer() {
  const root = await mkdtemp(join(tmpdir(), "segany-versions-"));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  const checkpoint = join(root, "base.safetensors");
  await saveSmallModel(checkpoint);
  const directory = join(root, "data");
  const start = () =>
    startServer({
      ...{ directory, port: 0, workers: 2, model: { checkpoint, threads: 1 }, logLevel: "silent" },
    });
  let server = await start();
  onTestFinished(() => server.close());
  const engine = await openDataEngine({ file: join(directory, "engine.sqlite") });
  onTestFinished(engine.close);
  const { person, project, images } = await addSmallProject(engine, directory, 5, 4);
  const { secret: token } = await createApiTokens(engine.context).create(person, "test");
  const headers = { authorization: `Bearer ${token}` };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(new URL(path, server.url), {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>) },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  for (const { id, name } of images) {
    const body = multipart(await readSmallImage(directory)(id), { name });
    await ask(paths.images(), { method: "POST", ...(body as RequestInit) });
  }
  const postJson = async <T>(path: string, body: object) =>
    (await (
      await ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).json()) as T;
  return {
    ...{ engine, person, project, directory, headers, ask, postJson },
    image: images[0]!.id,
    url: () => server.url,
    client: () => createEngineClient(server.url, { token }),
    predict: (version?: string) =>
      postJson<PredictResponse>(paths.predict(images[0]!.id, version), { ...CLICK, multimaskOutput: true }),
    async restart() {
      await server.close();
      server = await start();
    },
  };
}

/** What a version's weights give for the click, without a server. */
async function predictHere(directory: string, version: Parameters<typeof openingOf>[1], image: string) {
  const { name, ...opening } = openingOf(directory, version);
  await using sam = await loadSam(name, { ...opening, threads: 1, runIn: "this-process" });
  const predictor = new SamPredictor(sam);
  await predictor.setImage(await readImage(await readSmallImage(directory)(image)));
  const { iouPredictions } = await predictor.predict({ ...CLICK, multimaskOutput: true });
  return iouPredictions;
}

/** Embeddings by folder, with the times of their files. */
async function embeddingsIn(directory: string) {
  const root = join(directory, "embeddings");
  const found: Record<string, number> = {};
  for (const folder of await readdir(root))
    for (const name of await readdir(join(root, folder)))
      if (name.endsWith(".safetensors"))
        found[`${folder}/${name}`] = (await stat(join(root, folder, name))).mtimeMs;
  return found;
}

test("a version that becomes the current one is told to pages, and answers without a restart", async () => {
  const { engine, person, project, directory, image, headers, ask, postJson, predict, ...site } =
    await openServer();
  const events = readEvents(new URL(paths.modelEvents(project), site.url()).href, headers);
  const next = async () => (await events.next()).value!.data as { version: { number: number } | null };
  expect(await next()).toEqual({ version: null });
  const before = await predict();
  const encoded = await embeddingsIn(directory);
  expect(Object.keys(encoded)).not.toEqual([]);

  await site.client().retrainModel({ params: { project }, body: { training: TRAINING, force: "try it" } });
  expect(await next()).toMatchObject({ version: { number: 1 } });
  const [base, first] = await engine.models.list(project);
  const ious = async (version?: string) => (await predict(version)).masks.map((mask) => mask.predicted_iou);
  const answered = await ious(first!.id);
  const expected = await predictHere(directory, first!, image);
  for (const [i, iou] of expected.entries()) expect(answered[i]).toBeCloseTo(iou, 4);
  expect(answered).not.toEqual(before.masks.map((mask) => mask.predicted_iou));
  expect((await predict()).masks).toEqual(before.masks); // pages of no project keep the server's model
  const model = (await (await ask(paths.model(first!.id))).json()) as { decoder: { url: string } };
  expect(model).toMatchObject({ checkpointSha256: first!.checkpoint });
  expect((await ask(model.decoder.url)).headers.get("etag")).not.toBe(
    (await ask(paths.modelDecoder())).headers.get("etag"),
  );
  const embedding = await ask(paths.embedding(image, "float16", first!.id));
  expect(embedding.headers.get(EMBEDDING_HEADERS.checkpointSha256)).toBe(first!.checkpoint);
  for (const [name, mtimeMs] of Object.entries(encoded))
    expect((await embeddingsIn(directory))[name]).toBe(mtimeMs); // the encoder is the same

  const settings = { pointsPerSide: 4, predIouThresh: 0, stabilityScoreThresh: 0 };
  const segment = async (version: string) => {
    const { id } = await postJson<{ id: string }>(paths.segment(image, version), settings);
    return async () => {
      await expect
        .poll(async () => ((await (await ask(paths.job(id))).json()) as { state: string }).state)
        .toBe("done");
      return ((await (await ask(paths.jobMasks(id))).json()) as { masks: object[] }).masks;
    };
  };
  const running = await segment(first!.id);
  await engine.models.use(person, project, 0, "as a command beside the server does");
  expect(await next()).toMatchObject({ version: { number: 0 } });
  const masks = await running();
  expect(masks).toEqual(await (await segment(first!.id))()); // a job keeps its version
  expect(masks).not.toEqual(await (await segment(base!.id))());
  await events.return(undefined);
});

test("a version with an image encoder of its own has embeddings of its own, also after a restart", async () => {
  const { engine, project, directory, image, predict, ask, ...site } = await openServer();
  await predict();
  const folders = async () => readdir(join(directory, "embeddings"));
  expect(await folders()).toHaveLength(1);
  const body = { training: { ...TRAINING, train: "encoder" as const }, force: "try it" };
  const { id } = await site.client().retrainModel({ params: { project }, body });
  const current = async () => (await site.client().getCurrentModel({ params: { project } })).version;
  await expect.poll(current).toMatchObject({ id, number: 1 });
  const version = await engine.models.get(id);
  const expected = await predictHere(directory, version, image);
  const check = async () => {
    const answered = (await predict(id)).masks.map((mask) => mask.predicted_iou);
    for (const [i, iou] of expected.entries()) expect(answered[i]).toBeCloseTo(iou, 4);
  };
  await check();
  expect((await folders()).sort()).toContain(`${version.encoder!.slice(0, 16)}-fp32`);
  expect(await folders()).toHaveLength(2);
  await site.restart();
  expect(await current()).toMatchObject({ id });
  await check();
  await rm(join(directory, "models"), { recursive: true });
  await site.restart();
  expect(await current()).toBeNull(); // its weights are gone: pages use the server's model
  await expect(ask(paths.model(id))).rejects.toThrow(/404.*weights of version 1/s);
});
