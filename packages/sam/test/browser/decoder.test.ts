import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  decoderWeights,
  describeEmbedding,
  encodeEmbeddingValues,
  encodeRle,
  loadSam,
  type Rle,
  readImage,
  rleIou,
  SamPredictor,
} from "@segany/sam";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { SWIFTSHADER } from "../../../../scripts/testing/launch-chromium.mjs";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import { type BuiltPage, buildPage, openSite, type Site } from "./open-page.js";

const imagePath = fileURLToPath(new URL("../../../../examples/still-life.jpg", import.meta.url));
const PEAR = { pointCoords: [[610, 430]], pointLabels: [1] } as const;

/** Puts decoder and embedding beside the page, as a server would send them. */
async function addServerFiles(folder: string): Promise<{ description: object; masks: Rle[] }> {
  await using sam = await loadSam("mobile_sam");
  const predictor = new SamPredictor(sam);
  await predictor.setImage(await readImage(imagePath));
  const embedding = predictor.getImageEmbedding();
  const half = encodeEmbeddingValues(embedding, "float16");
  await writeFile(join(folder, "embedding.bin"), half);
  await writeFile(join(folder, "decoder.safetensors"), await decoderWeights());
  const { masks } = await predictor.predict(PEAR);
  return { description: describeEmbedding(embedding, "float16"), masks: masks.map(encodeRle) };
}

describe.skipIf(!findChromium())("a page with the decoder alone", () => {
  let page: BuiltPage;
  let server: Awaited<ReturnType<typeof addServerFiles>>;
  let site: Site;
  beforeAll(async () => {
    page = await buildPage();
    server = await addServerFiles(page.folder);
    site = await openSite(page, { isolated: false, args: SWIFTSHADER });
  });
  afterAll(async () => {
    await site?.close();
    await page?.remove();
  });

  it("gives the server's masks from an embedding in half floats", async () => {
    const view = await site.view();
    const masks = await view.evaluate(
      async ({ prompt, description }) => {
        const { decodeEmbeddingValues, encodeRle, loadSamDecoder, SamPredictor } = segany;
        const sam = await loadSamDecoder({ weights: "decoder.safetensors" }, "mobile_sam");
        const bytes = new Uint8Array(await (await fetch("embedding.bin")).arrayBuffer());
        const predictor = new SamPredictor(sam);
        predictor.setImageEmbedding(
          decodeEmbeddingValues(bytes, description as Parameters<typeof decodeEmbeddingValues>[1]),
        );
        const { masks } = await predictor.predict(prompt);
        await sam.close();
        return masks.map(encodeRle);
      },
      { prompt: PEAR, description: server.description },
    );
    for (const [i, mask] of masks.entries())
      expect(rleIou([mask], [server.masks[i]])[0]).toBeGreaterThan(0.98);
    expect(site.complaints).toEqual([]);
  });

  it("says with a code what goes wrong in the worker", async () => {
    const view = await site.view();
    const codes = await view.evaluate(async () => {
      const { loadSam, loadSamDecoder, readImage, SamError, SamPredictor } = segany;
      const codeOf = async (work: Promise<unknown>) => {
        const error = await work.catch((reason: unknown) => reason);
        return error instanceof SamError ? error.code : String(error);
      };
      const weights = "decoder.safetensors";
      const sam = await loadSamDecoder({ weights });
      const image = await readStillLife();
      const controller = new AbortController();
      const cancelled = loadSamDecoder({ weights, signal: controller.signal });
      controller.abort();
      const found = {
        encode: await codeOf(new SamPredictor(sam).setImage(image)),
        missing: await codeOf(loadSamDecoder({ weights: "nothing-here" })),
        changed: await codeOf(loadSamDecoder({ weights: new Blob(["x"]), sha256: "0".repeat(64) })),
        otherModel: await codeOf(loadSamDecoder({ weights }, "vit_b")),
        noCheckpoint: await codeOf(loadSam(undefined, { weights: new Blob(["<!doctype html>"]) })),
        cancelled: await codeOf(cancelled),
        emptyImage: await codeOf(readImage(new Blob([]))),
        noImage: await codeOf(readImage(new Blob(["not an image"]))),
        largeImage: await codeOf(readImage(document.createElement("canvas"), { maxPixels: 1000 })),
      };
      await sam.close();
      return found;
    });
    expect(codes).toEqual({
      encode: "encoder-missing",
      missing: "download-failed",
      changed: "checkpoint-invalid",
      otherModel: "checkpoint-invalid",
      noCheckpoint: "checkpoint-invalid",
      cancelled: "aborted",
      emptyImage: "image-empty",
      noImage: "image-unreadable",
      largeImage: "image-too-large",
    });
  });

  it("uses WebGPU after it has proved right, and WebAssembly with a note when that takes too long or fails later", async () => {
    const view = await site.view();
    /** Decodes the same prompt on whatever there is, time and again. */
    const open = (webGpuTimeoutMs: number) =>
      view.evaluateHandle(
        async ({ description, prompt, webGpuTimeoutMs }) => {
          const { decodeEmbeddingValues, encodeRle, loadSamDecoder, SamPredictor } = segany;
          const notes: string[] = [];
          const sam = await loadSamDecoder({
            weights: "decoder.safetensors",
            provider: "webgpu",
            webGpuTimeoutMs,
            onNote: (note) => notes.push(note),
          });
          const bytes = new Uint8Array(await (await fetch("embedding.bin")).arrayBuffer());
          const predictor = new SamPredictor(sam);
          predictor.setImageEmbedding(
            decodeEmbeddingValues(bytes, description as Parameters<typeof decodeEmbeddingValues>[1]),
          );
          const ask = async () => ({
            masks: (await predictor.predict(prompt)).masks.map(encodeRle),
            provider: sam.provider,
            notes: notes.filter((note) => note.startsWith("WebGPU")),
          });
          return { ask, close: sam.close };
        },
        { description: server.description, prompt: PEAR, webGpuTimeoutMs },
      );
    const checkMasks = (masks: readonly Rle[]) => {
      for (const [i, mask] of masks.entries())
        expect(rleIou([mask], [server.masks[i]])[0]).toBeGreaterThan(0.98);
    };
    const asked = () => site.requests.filter((path) => path.includes("webgpu-worker")).length;
    expect(asked()).toBe(0);
    const slow = await open(1);
    expect(await slow.evaluate(({ ask }) => ask())).toMatchObject({
      provider: "wasm",
      notes: [expect.stringMatching(/more than 0.001 s.*WebAssembly/)],
    });
    await slow.evaluate(({ close }) => close());

    const sam = await open(LIMITS.eventMs);
    const before = await sam.evaluate(({ ask }) => ask());
    expect(before).toMatchObject({ provider: "webgpu", notes: [] });
    checkMasks(before.masks);
    expect(asked()).toBeGreaterThan(0);

    const session = await view.context().browser()!.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess");
    const after = await sam.evaluate(({ ask }) => ask());
    checkMasks(after.masks);
    expect(after.provider).toBe("wasm");
    expect(after.notes).toEqual([expect.stringMatching(/^WebGPU has failed .*continues on WebAssembly/)]);
    await sam.evaluate(({ close }) => close());
  });

  it("reads images as Node does, turned as EXIF says", async () => {
    const turned = await sharp(imagePath).resize(300).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    await writeFile(join(page.folder, "turned.jpg"), turned);
    const node = await readImage(turned);
    const view = await site.view();
    const { width, height, text } = await view.evaluate(async () => {
      const { width, height, data } = await segany.readImage(await (await fetch("turned.jpg")).blob());
      return { width, height, text: Array.from(data, (value) => String.fromCharCode(value)).join("") };
    });
    const data = Buffer.from(text, "latin1");
    expect(width).toBeLessThan(height);
    expect([width, height]).toEqual([node.width, node.height]);
    const largest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - node.data[i])), 0);
    expect(largest).toBeLessThanOrEqual(4);
  });
});
