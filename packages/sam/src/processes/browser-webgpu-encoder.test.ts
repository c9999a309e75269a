import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { SWIFTSHADER } from "../../../../scripts/testing/launch-chromium.mjs";
import { LIMITS } from "../../../../scripts/testing/limits.mjs";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import { type BuiltPage, buildPage, openSite, type Site } from "../../test/browser/open-page.js";
import { randomCheckpoint } from "../testing/random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "../testing/small-architecture.js";

/** A model so small that a graphics processor made of software encodes an image in seconds. */
async function writeSmallModel(path: string): Promise<void> {
  const { encoder, decoder } = SMALL_ARCHITECTURE;
  if (encoder.kind !== "vit") throw new Error("The small encoder should be a ViT.");
  await writeTorchZip(path, randomCheckpoint(encoder, decoder));
}

describe.skipIf(!findChromium())("an image encoder on WebGPU", () => {
  let page: BuiltPage;
  let site: Site;
  beforeAll(async () => {
    page = await buildPage();
    await writeSmallModel(join(page.folder, "small.pth"));
    site = await openSite(page, { isolated: false, args: SWIFTSHADER });
  });
  afterAll(async () => {
    await site?.close();
    await page?.remove();
  });

  it("takes over when it has given WebAssembly's embedding of the first image, until the device is lost", async () => {
    const view = await site.view();
    const model = await view.evaluateHandle(async (webGpuTimeoutMs) => {
      const notes: string[] = [];
      const sam = await segany.loadSam(undefined, {
        weights: "small.pth",
        provider: "webgpu",
        webGpuTimeoutMs,
        onNote: (note) => notes.push(note),
      });
      const predictor = new segany.SamPredictor(sam);
      const image = await readStillLife();
      const encode = async () => {
        await predictor.setImage(image);
        return [...predictor.getImageEmbedding().features.image_embeddings!.data];
      };
      const tell = () => ({
        encoder: sam.encoderProvider,
        decoder: sam.provider,
        notes: notes.filter((note) => note.startsWith("WebGPU")),
      });
      return { encode, tell, close: sam.close };
    }, LIMITS.eventMs);
    const tell = () => model.evaluate((each) => each.tell());
    const encode = () => model.evaluate((each) => each.encode());
    const differenceTo = (expected: readonly number[], actual: readonly number[]) =>
      Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));

    const onWasm = await encode();
    expect(await tell()).toEqual({ encoder: "wasm", decoder: "webgpu", notes: [] });
    await expect.poll(tell).toEqual({ encoder: "webgpu", decoder: "webgpu", notes: [] });
    const difference = differenceTo(onWasm, await encode());
    expect(difference).toBeGreaterThan(0); // another device rounds otherwise
    expect(difference).toBeLessThan(0.001);

    const session = await view.context().browser()!.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess");
    expect(differenceTo(onWasm, await encode())).toBe(0);
    expect(await tell()).toEqual({
      encoder: "wasm",
      decoder: "wasm",
      notes: [expect.stringMatching(/^WebGPU has failed .*continues on WebAssembly/)],
    });
    await model.evaluate((each) => each.close());
  });
});
