import { readdirSync } from "node:fs";
import {
  loadSam,
  type MaskGeneratorOptions,
  readImage,
  rleIou,
  type Sam,
  SamAutomaticMaskGenerator,
} from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, sharedJson, sharedPath } from "./shared-data.js";

const goldens = hasShared
  ? readdirSync(sharedPath("fixtures/sam")).filter((name) => /\.amg-.*\.json$/.test(name))
  : [];

describe.skipIf(!hasShared)("automatic masks beside Meta's code", () => {
  let sam: Sam;
  beforeAll(async () => {
    sam = await loadSam();
  });
  afterAll(() => sam?.close());

  it("has goldens to compare with", () => expect(goldens.length).toBeGreaterThan(7));

  it.each(goldens)("finds the same masks as %s", async (file) => {
    const golden = sharedJson(`fixtures/sam/${file}`);
    const generator = new SamAutomaticMaskGenerator(sam, {
      ...camelCase(golden.settings),
      outputMode: "coco_rle",
    });
    const masks = await generator.generate(
      await readImage(sharedPath(`fixtures/sam/images/${golden.image}.jpg`)),
    );
    const allowed = Math.max(1, Math.floor(0.03 * golden.masks.length));
    expect(Math.abs(masks.length - golden.masks.length)).toBeLessThanOrEqual(allowed);
    const theirs = golden.masks.map(
      (mask: { segmentation: { size: [number, number]; counts: string } }) => mask.segmentation,
    );
    const ious = rleIou(
      theirs,
      masks.map((mask) => mask.segmentation),
    );
    const missed = theirs.filter(
      (_: unknown, i: number) => Math.max(...ious.subarray(i * masks.length, (i + 1) * masks.length)) < 0.95,
    );
    expect(missed.length).toBeLessThanOrEqual(allowed);
  });
});

function camelCase(settings: Record<string, number>): MaskGeneratorOptions {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
