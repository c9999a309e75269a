/**
 * A family that is unlike SAM in a page: see `ellipse-family.ts`, which is put into the registry as a new
 * family would be.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeSafetensors } from "@segany/graph/weights";
import * as Library from "@segany/sam";
import type { Page } from "playwright-core";
import type { Plugin } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { ellipseState } from "../../src/testing/ellipse-family.js";
import { ellipseImage, openEllipses } from "../../src/testing/open-ellipses.js";
import { type BuiltPage, buildPage, openSite, type Site } from "./open-page.js";

/** What the library finds in an image by each way of asking. It is sent to the page as text. */
async function answersOf(library: Pick<typeof Library, Used>, sam: Library.Sam, image: Library.RgbaImage) {
  const { encodeRle, SamAutomaticMaskGenerator, SamPredictor } = library;
  const click = { pointCoords: [[40, 60]], pointLabels: [1] } as const;
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const first = await predictor.predict(click);
  const refined = await predictor.predict({
    ...click,
    maskInput: first.lowResLogits[0]!,
    extraTokens: { shape: [2, 5], data: new Float32Array(10).fill(-3) },
    multimaskOutput: false,
  });
  const everything = { pointsPerSide: 3, predIouThresh: 0, stabilityScoreThresh: 0 };
  const all = await new SamAutomaticMaskGenerator(sam, everything).generate(image);
  return {
    model: sam.model,
    masks: [...first.masks, ...refined.masks].map(encodeRle),
    scores: [...first.iouPredictions],
    everything: all.map(({ segmentation, area }) => ({ segmentation, area })),
  };
}
type Used = "encodeRle" | "SamAutomaticMaskGenerator" | "SamPredictor";

declare global {
  var askHere: (library: object, sam: object, image: object) => Promise<Answers>;
}
type Answers = Awaited<ReturnType<typeof answersOf>>;

const familyFile = fileURLToPath(new URL("../../src/testing/ellipse-family.ts", import.meta.url));

/** The line that a new family has in `families/registry.ts`. */
const withEllipses: Plugin = {
  name: "with-ellipses",
  transform(code, id) {
    if (!id.endsWith("/families/registry.js")) return null;
    const changed = code.replace("[samFamily]", "[samFamily, ellipseFamily]");
    if (changed === code) throw new Error("The registry's list of families is written in another way.");
    return `import { ellipseFamily } from ${JSON.stringify(familyFile)};\n${changed}`;
  },
};

async function weightsFile(): Promise<Uint8Array> {
  const { tensors, load } = ellipseState();
  const values = await Promise.all(
    [...tensors].map(async ([name, { shape }]) => [name, { shape, data: await load(name) }] as const),
  );
  return encodeSafetensors(Object.fromEntries(values));
}

describe.skipIf(!findChromium())("a second family in a page", () => {
  let page: BuiltPage;
  let site: Site;
  let view: Page;
  beforeAll(async () => {
    page = await buildPage([withEllipses]);
    await writeFile(join(page.folder, "ellipses.safetensors"), await weightsFile());
    site = await openSite(page, { isolated: false });
    view = await site.view();
  });
  afterAll(async () => {
    await site?.close();
    await page?.remove();
  });

  it("is encoded, clicked, refined with extra tokens and segmented whole as in Node", async () => {
    await view.addScriptTag({ content: `globalThis.askHere = ${answersOf}` });
    const { width, height, data } = ellipseImage();
    const inPage = await view.evaluate(
      async ({ pixels, ...size }) => {
        const sam = await segany.loadSam(undefined, { weights: "ellipses.safetensors", provider: "wasm" });
        return askHere(segany, sam, { ...size, data: Uint8ClampedArray.from(pixels) });
      },
      { pixels: [...data], width, height },
    );
    await using sam = await openEllipses();
    const inNode = await answersOf(Library, sam, ellipseImage());
    expect(inNode.everything.length).toBeGreaterThan(0);
    expect(inPage.model).toMatchObject({ family: "ellipse", imageSide: 48, fit: "stretch", maskSide: 24 });
    expect(inPage.masks).toEqual(inNode.masks);
    expect(inPage.everything).toEqual(inNode.everything);
    for (const [i, score] of inNode.scores.entries()) expect(inPage.scores[i]).toBeCloseTo(score, 5);
    expect(site.complaints).toEqual([]);
  });
});
