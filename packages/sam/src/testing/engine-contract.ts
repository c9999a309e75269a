/**
 * For tests: the contract of every engine, wherever its work is done, tested with a tiny model with random
 * weights.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elementCount } from "@segany/graph/weights";
import { exclusiveBox, type RgbaImage } from "@segany/masks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import { describeEmbedding } from "../embeddings/embedding-values.js";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodeRequest, SelectRequest } from "../engine/methods.js";
import type { Engine } from "../engine/types.js";
import { resolveSettings } from "../mask-generator/settings.js";
import { type MaskTokens, packPrompts } from "../model/prompt-batch.js";
import { type PreparedImage, prepareImage } from "../preprocessing/prepare-image.js";
import type { Selection } from "../proposals/selection.js";
import type { CropTask } from "../proposals/types.js";
import { randomCheckpoint } from "./random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "./small-architecture.js";

const SIZE = { width: 90, height: 60 };
const MODEL_SIZE = SMALL_ARCHITECTURE.encoder.imageSize;
const LOW_RES = MODEL_SIZE / 4;

/** What the test engines are opened from. */
export interface SmallModel {
  readonly checkpoint: string;
  readonly cacheDirectory: string;
  readonly threads: 1;
}

/** An image whose colours depend on a number. */
function prepare(seed: number): PreparedImage {
  const data = Uint8ClampedArray.from(
    { length: 4 * SIZE.width * SIZE.height },
    (_, i) => (Math.imul(i + seed * 7919, 2_654_435_761) >>> 24) & 255,
  );
  return prepareImage({ ...SIZE, data } as RgbaImage, { imageSide: MODEL_SIZE, fit: "pad" });
}

const prompts = (...places: readonly (readonly [number, number])[]) =>
  packPrompts(
    places.map((place) => ({ pointCoords: [place], pointLabels: [1] })) as Parameters<typeof packPrompts>[0],
  );

const valuesOf = ({ features }: ImageEmbedding) => features.image_embeddings!.data;

/** A copy of the values in new memory; the first of them for a smaller shape. */
function copyOf(
  embedding: ImageEmbedding,
  shape = embedding.features.image_embeddings!.shape,
): ImageEmbedding {
  const data = valuesOf(embedding).slice(0, elementCount(shape));
  return { ...embedding, features: { image_embeddings: { shape, data } } };
}

const onePoint = (embedding: ImageEmbedding, masks: MaskTokens = "three"): DecodeRequest => ({
  embedding,
  prompts: prompts([1, 1]),
  masks,
});

let lastSearchId = 1_000_000;

/** A grid of 3 x 3 points on the whole image, with every mask kept. */
function taskOf(input: CropTask["input"], searchId = ++lastSearchId): CropTask {
  const places = [0.25, 0.5, 0.75];
  return {
    searchId,
    crop: { boxXyxy: exclusiveBox([0, 0, SIZE.width, SIZE.height]), layer: 0 },
    imageSize: SIZE,
    input,
    pointGrid: places.flatMap((y) => places.map((x) => [x, y] as const)),
    pointsPerBatch: 2,
    effort: "exact",
    stabilityScoreOffset: 1,
    floor: { predIouThresh: 0, stabilityScoreThresh: 0 },
  };
}

/** Keeps all masks, so that the compared lists are not empty. */
const ALL = resolveSettings({ predIouThresh: 0, stabilityScoreThresh: 0, boxNmsThresh: 1, cropNmsThresh: 1 });
const picking = (searchId: number, selection: Selection = ALL): SelectRequest => ({
  searchId,
  selection,
  behaviour: "official",
});
const aborted = () => expect.objectContaining({ code: "aborted" });
const failed = () => expect.objectContaining({ code: "inference-failed" });

/**
 * Declares the tests of one kind of engine.
 *
 * @param open opens an engine; each is closed after its tests
 * @param reference opens another engine with correct results
 */
export function describeEngine(
  kind: string,
  open: (model: SmallModel) => Promise<Engine>,
  reference: (model: SmallModel) => Promise<Engine>,
): void {
  describe(`an engine ${kind}`, () => {
    let folder: string;
    let model: SmallModel;
    let engine: Engine;
    let trusted: Engine;
    let embedding: ImageEmbedding;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "segany-engine-"));
      model = { checkpoint: join(folder, "small.pth"), cacheDirectory: join(folder, "cache"), threads: 1 };
      const { encoder, decoder } = SMALL_ARCHITECTURE;
      await writeTorchZip(model.checkpoint, randomCheckpoint(encoder as never, decoder));
      trusted = await reference(model);
      engine = await open(model);
      embedding = await trusted.encode(prepare(1));
    });
    afterAll(async () => {
      await engine?.close();
      await trusted?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it("knows its model", () => {
      expect(engine.model).toEqual(trusted.model);
      expect(engine.model.checkpointSha256).toMatch(/^[0-9a-f]{64}$/);
    });

    it("encodes images", async () => {
      for (const seed of [1, 2]) {
        const found = await engine.encode(prepare(seed));
        const expected = await trusted.encode(prepare(seed));
        expect(describeEmbedding(found, "float32")).toEqual(describeEmbedding(expected, "float32"));
        expectClose(valuesOf(found), valuesOf(expected));
      }
    });

    it("decodes prompts on its own embeddings and on those of others, several at once", async () => {
      const own = await engine.encode(prepare(1));
      const calls = [own, embedding, own, copyOf(embedding)].map((at, i) =>
        engine.decode({
          embedding: at,
          prompts: prompts([10 + i, 20], [90, 70]),
          masks: i % 2 === 0 ? "three" : "single",
        }),
      );
      for (const [i, found] of (await Promise.all(calls)).entries()) {
        const masks = i % 2 === 0 ? "three" : "single";
        const expected = await trusted.decode({
          embedding,
          prompts: prompts([10 + i, 20], [90, 70]),
          masks,
        });
        expect([found.batch, found.masks]).toEqual([2, i % 2 === 0 ? 3 : 1]);
        expectClose(found.iouPredictions, expected.iouPredictions);
        expectClose(found.lowResLogits, expected.lowResLogits);
        expect(found.lowResLogits).toHaveLength(found.batch * found.masks * LOW_RES ** 2);
      }
    });

    it.each(["pixels", "an embedding"])(
      "proposes masks on %s, and picks them until they are released",
      async (kind) => {
        const task = taskOf(kind === "pixels" ? prepare(1) : embedding);
        const progress: number[] = [];
        const timings = await engine.propose(task, {
          onProgress: ({ pointsDone, pointsTotal }) => progress.push(pointsDone / pointsTotal),
        });
        expect(progress).toEqual([2 / 9, 4 / 9, 6 / 9, 8 / 9, 1]);
        expect(Object.values(timings).every((ms) => ms >= 0)).toBe(true);
        await trusted.propose(taskOf(embedding, task.searchId));
        const expected = await trusted.select(picking(task.searchId));
        const found = await engine.select(picking(task.searchId));
        expect(found.length).toBeGreaterThan(3);
        expect(found.map(({ pointCoords, area }) => [pointCoords, area])).toEqual(
          expected.map(({ pointCoords, area }) => [pointCoords, area]),
        );
        expect(await engine.select(picking(task.searchId, { ...ALL, predIouThresh: 1e6 }))).toEqual([]);
        await engine.release(task.searchId);
        await expect(engine.select(picking(task.searchId))).rejects.toEqual(failed());
      },
    );

    it("answers a prompt that comes during a search between its steps, not after them", async () => {
      const task = taskOf(embedding);
      const events: string[] = [];
      const searching = engine.propose(task, { onProgress: () => events.push("step") });
      const answered = engine.decode(onePoint(embedding));
      await Promise.all([
        searching.then(() => events.push("end")),
        answered.then(() => events.push("answer")),
      ]);
      // At which step depends on how long the prompt is on its way: turns.test.ts has that.
      expect(events.indexOf("answer")).toBeLessThan(events.indexOf("end"));
      expect(events.filter((event) => event === "step")).toHaveLength(5);
      await engine.release(task.searchId);
    });

    it("adds what is found on further crops of an image, and keeps images apart", async () => {
      const [first, other] = [taskOf(embedding), taskOf(embedding)];
      const count = async ({ searchId }: CropTask) => (await engine.select(picking(searchId))).length;
      await engine.propose(first);
      const one = await count(first);
      await engine.propose({ ...first, crop: { ...first.crop, layer: 1 } });
      await engine.propose(other);
      expect(await count(first)).toBe(2 * one);
      expect(await count(other)).toBe(one);
      await engine.release(first.searchId);
      expect(await count(other)).toBe(one);
      await engine.release(other.searchId);
      await engine.release(other.searchId); // again: a released number is ignored
    });

    it("refuses work that was cancelled before, and stops what is cancelled while it runs", async () => {
      const signal = AbortSignal.abort();
      await expect(engine.encode(prepare(1), { signal })).rejects.toEqual(aborted());
      await expect(engine.decode(onePoint(embedding), { signal })).rejects.toEqual(aborted());
      await expect(engine.propose(taskOf(embedding), { signal })).rejects.toEqual(aborted());
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      const running = engine.propose(taskOf(embedding), { signal: controller.signal, onProgress });
      await expect(running).rejects.toEqual(aborted());
      expect((await engine.decode(onePoint(embedding))).masks).toBe(3);
    });

    it("says that nothing is there under a number it was never given, or that can't be computed, and goes on", async () => {
      await expect(engine.select(picking(++lastSearchId))).rejects.toEqual(failed());
      const cut = copyOf(embedding, [1, 32, 4, 4]);
      await expect(engine.decode(onePoint(cut))).rejects.toEqual(failed());
      expect((await engine.decode(onePoint(embedding, "single"))).masks).toBe(1);
    });

    it("refuses all work once closed, and can be closed again", async () => {
      const closed = await open(model);
      await closed.close();
      await closed.close();
      await expect(closed.encode(prepare(1))).rejects.toEqual(failed());
      await expect(closed.decode(onePoint(embedding))).rejects.toEqual(failed());
      await expect(closed.propose(taskOf(embedding))).rejects.toEqual(failed());
      await expect(closed.select(picking(1))).rejects.toEqual(failed());
      await closed.release(1);
    });
  });
}

/** Processes may sum with different numbers of threads. */
function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual).toHaveLength(expected.length);
  const difference = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(difference).toBeLessThan(1e-4);
}
