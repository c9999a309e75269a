import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  decoderWeights,
  describeEmbedding,
  type EmbeddingDescription,
  encodeEmbeddingValues,
  encodeRle,
  type ImageEmbedding,
  loadSam,
  type Rle,
  readImage,
  rleIou,
  SamPredictor,
} from "@segany/sam";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { type BuiltPage, buildPage, openSite, type Site } from "./open-page.js";

const imagePath = fileURLToPath(new URL("../../../../examples/still-life.jpg", import.meta.url));
const PEAR = { pointCoords: [[610, 430]], pointLabels: [1] } as const;

/** Puts decoder and embedding beside the page. @returns Node's pear, and what the embedding's bytes are of */
async function addServerFiles(folder: string): Promise<{ pear: Rle; about: EmbeddingDescription }> {
  await using sam = await loadSam("mobile_sam");
  const predictor = new SamPredictor(sam);
  await predictor.setImage(await readImage(imagePath));
  const embedding = predictor.getImageEmbedding();
  await writeFile(join(folder, "embedding.bin"), encodeEmbeddingValues(embedding, "float32"));
  await writeFile(join(folder, "decoder.safetensors"), await decoderWeights());
  const { masks } = await predictor.predict({ ...PEAR, multimaskOutput: false });
  return { pear: encodeRle(masks[0]!), about: describeEmbedding(embedding, "float32") };
}

/** What pages of this test have beside the library. */
declare global {
  /** Calls to the worker since the page was opened, and reports of progress that came from it. */
  var calls: string[];
  var reports: number;
  /** The image, its embedding and a decoder that runs in a worker. */
  var opened: {
    readonly sam: Awaited<ReturnType<typeof segany.loadSamDecoder>>;
    readonly image: Awaited<ReturnType<typeof readStillLife>>;
    readonly embedding: ImageEmbedding;
  };
}

describe.skipIf(!findChromium())("everything mode in a page", () => {
  let page: BuiltPage;
  let site: Site;
  let server: Awaited<ReturnType<typeof addServerFiles>>;
  let view: Page;
  beforeAll(async () => {
    page = await buildPage();
    server = await addServerFiles(page.folder);
    site = await openSite(page, { isolated: true });
    view = await site.view();
    await view.evaluate(listenToWorkers);
    await view.evaluate(openStillLife, server.about);
  });
  afterAll(async () => {
    await site?.close();
    await page?.remove();
  });

  it("moves thresholds without decoding again, until the masks are released", async () => {
    const { lists, asked, afterRelease } = await view.evaluate(async () => {
      const { sam, image, embedding } = opened;
      const generator = new segany.SamAutomaticMaskGenerator(sam, {
        pointsPerSide: 5,
        outputMode: "coco_rle",
      });
      const decoded = await generator.decode(image, { embedding });
      calls.length = 0;
      // Without suppression what passes a higher threshold passes a lower one.
      const thresholds = [0.5, 0.8, 0.95, 0.5].map((predIouThresh) => ({
        predIouThresh,
        stabilityScoreThresh: 0,
        boxNmsThresh: 1,
      }));
      const lists = await Promise.all(thresholds.map((selection) => decoded.select(selection)));
      const asked = [...calls];
      await decoded.release();
      const error = await decoded.select().catch((reason: unknown) => reason);
      return {
        lists: lists.map((masks) =>
          masks.map(({ segmentation, predictedIou }) => ({ counts: segmentation.counts, predictedIou })),
        ),
        asked,
        afterRelease: error instanceof segany.SamError ? error.code : String(error),
      };
    });
    const [low, middle, high, again] = lists as [
      (typeof lists)[0],
      (typeof lists)[0],
      (typeof lists)[0],
      (typeof lists)[0],
    ];
    expect(asked).toEqual(["select", "select", "select", "select"]);
    expect(again).toEqual(low);
    expect(low.length).toBeGreaterThan(middle.length);
    expect(middle.length).toBeGreaterThan(high.length);
    expect(high.length).toBeGreaterThan(0);
    expect(high.every(({ predictedIou }) => predictedIou > 0.95)).toBe(true);
    expect(low).toEqual(expect.arrayContaining(high));
    expect(afterRelease).toBe("inference-failed");
  });

  it("falls silent when it is cancelled, lets candidates go, and answers the next prompt", async () => {
    const { code, masksBefore, reportsAtEnd, reportsLater, afterwards, pear } = await view.evaluate(
      async (pear) => {
        const { sam, image, embedding } = opened;
        const generator = new segany.SamAutomaticMaskGenerator(sam, {
          pointsPerSide: 32,
          outputMode: "coco_rle",
        });
        const controller = new AbortController();
        let heard = 0;
        let found: Pick<Awaited<ReturnType<typeof generator.decode>>, "select"> | undefined;
        let masksBefore = 0;
        const decoding = generator.decode(image, {
          embedding,
          signal: controller.signal,
          floor: { predIouThresh: 0, stabilityScoreThresh: 0 },
          onProgress: async (_, soFar) => {
            heard++;
            if (heard !== 3) return;
            found = soFar;
            masksBefore = (await soFar.select({ predIouThresh: 0, stabilityScoreThresh: 0 })).length;
            controller.abort();
          },
        });
        const codeOf = async (work: Promise<unknown>) => {
          const reason: unknown = await work.then(
            () => "no error",
            (error: unknown) => error,
          );
          return reason instanceof segany.SamError ? reason.code : String(reason);
        };
        const code = await codeOf(decoding);
        const reportsAtEnd = { heard, reports };
        // A prompt waits for what runs before it, so nothing of the search is left when it is answered.
        const predictor = new segany.SamPredictor(sam);
        predictor.setImageEmbedding(embedding);
        const { masks } = await predictor.predict({ ...pear, multimaskOutput: false });
        const reportsLater = { heard, reports };
        return {
          code,
          masksBefore,
          reportsAtEnd,
          reportsLater,
          afterwards: await codeOf(found!.select()),
          pear: segany.encodeRle(masks[0]!),
        };
      },
      PEAR,
    );
    expect(code).toBe("aborted");
    expect(masksBefore).toBeGreaterThan(0);
    expect(reportsLater).toEqual(reportsAtEnd);
    expect(reportsAtEnd.heard).toBeLessThan(30);
    expect(afterwards).toBe("inference-failed");
    expect(rleIou([pear], [server.pear])[0]).toBeGreaterThan(0.98);
    expect(site.complaints).toEqual([]);
  });
});

/** In the page: notes what goes to workers and what comes from them. */
function listenToWorkers(): void {
  globalThis.calls = [];
  globalThis.reports = 0;
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (data.kind === "progress") reports++;
      });
    }
    override postMessage(message: { readonly kind: string; readonly method: string }): void {
      if (message.kind === "call") calls.push(message.method);
      super.postMessage(message);
    }
  };
}

/** In the page: gets what {@link addServerFiles} has put there. */
async function openStillLife(about: EmbeddingDescription): Promise<void> {
  const bytes = await (await fetch("embedding.bin")).arrayBuffer();
  globalThis.opened = {
    sam: await segany.loadSamDecoder({ weights: "decoder.safetensors", threads: 2 }),
    image: await readStillLife(),
    embedding: segany.decodeEmbeddingValues(new Uint8Array(bytes), about),
  };
}
