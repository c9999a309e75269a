import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import { beforeEach, describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };
import { createWorkplace, finish } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));

/** Masks of Meta's own code: what the model should find again. */
const objects = ["point-pear", "box-bottle"].map(
  (id) => golden.predict.find((prediction) => prediction.id === id)!.masks[0] as unknown as Rle,
);

/** The still life with two masks as a COCO set. */
function writeSet(name: string, segmentations: readonly Rle[]): void {
  mkdirSync(at(name, "images"), { recursive: true });
  copyFileSync(at("photo.jpg"), at(name, "images", "photo.jpg"));
  const annotations = segmentations.map((segmentation, index) => ({
    id: index + 1,
    image_id: 1,
    category_id: 1,
    segmentation,
    area: rleArea(segmentation),
    bbox: rleToBoxXywh(segmentation),
    iscrowd: 0,
  }));
  const images = [{ id: 1, file_name: "photo.jpg", width: 1200, height: 800 }];
  const categories = [{ id: 1, name: "thing", isthing: 1 }];
  writeFileSync(at(name, "annotations.json"), JSON.stringify({ images, annotations, categories }));
}

async function evaluate(protocol: string, ...args: string[]) {
  const { status, stderr } = await workplace.run("eval", protocol, "--bootstrap", "10", ...args, "-o", "out");
  expect(stderr, protocol).not.toContain("segany:");
  expect(status).toBe(0);
  const report = json("out", "report.json");
  expect(Object.keys(report)).toEqual(["protocol", "model", "settings", "metrics", "datasets", "seconds"]);
  expect(report.protocol).toBe(protocol);
  expect(readFileSync(at("out", "report.html"), "utf8")).toMatch(/^<!doctype html>/i);
  return report;
}

describe("segany eval", () => {
  beforeEach(() => writeSet("set", objects));

  it("clicks and boxes find the objects again, and share the embedding", async () => {
    const clicks = await evaluate("clicks", "--data", "set", "--format", "coco");
    expect(clicks.model).toMatchObject({
      name: "mobile_sam",
      checkpoint_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Object.keys(clicks.metrics).sort()).toEqual(
      [1, 2, 3, 5, 9]
        .map((n) => `miou@${n}`)
        .concat(["miou@box", "noc@85", "noc@90", "oracle@1"])
        .sort(),
    );
    expect(clicks.metrics["oracle@1"]).toBeGreaterThan(0.9);
    expect(clicks.metrics["miou@9"]).toBeGreaterThan(0.9);
    expect(clicks.metrics["noc@85"]).toBeLessThan(6);
    expect(clicks.datasets).toEqual([{ name: "set", metrics: clicks.metrics }]);
    const before = embeddingFiles();
    expect(before).toHaveLength(1);
    const boxes = await evaluate("boxes", "--data", "set");
    expect(Object.keys(boxes.metrics)).toEqual(expect.arrayContaining(["ap", "ap50", "ap75", "apl"]));
    expect(boxes.metrics.ap50).toBe(1);
    expect(embeddingFiles()).toEqual(before);
  });

  it("boxes that can't be on the image are named and left out, or end it with --strict", async () => {
    const list = objects.map((rle) => ({ image_id: 1, category_id: 1, score: 0.9, bbox: rleToBoxXywh(rle) }));
    const bad = [
      { ...list[0], bbox: [90, 90, 0, 5] },
      { ...list[0], bbox: [2000, 90, 50, 50] },
    ];
    writeFileSync(at("boxes.json"), JSON.stringify([...bad, ...list]));
    const args = ["eval", "boxes", "--data", "set", "--boxes", "boxes.json", "--bootstrap", "0", "-o", "out"];
    const { status, stderr } = await workplace.run(...args);
    expect(status).toBe(0);
    expect(json("out", "report.json").metrics.ap50).toBe(1);
    const skipped = stderr.split("\n").filter((line) => line.startsWith("  skipped: "));
    expect(skipped).toEqual([
      expect.stringMatching(/"boxes\.json": entry 0 is /),
      expect.stringMatching(/"boxes\.json": entry 1, on the image photo\.jpg: .*outside the image/),
    ]);
    expect(json("out", "details.json").datasets[0].notes).toEqual([
      expect.stringContaining("1 supplied boxes can't be on their images and were left out: entries 1."),
    ]);
    const strict = await workplace.run(...args, "--strict");
    expect([strict.status, strict.stderr]).toEqual([2, expect.stringMatching(/entry 0 .*\[boxes-invalid\]/)]);
  });

  it("proposals recall them, and edges come with every measure", async () => {
    const proposals = await evaluate("proposals", "--data", "set", "--generator", "default");
    expect(proposals.metrics["ar@1000"]).toBeGreaterThan(0.8);
    expect(Object.keys(proposals.metrics)).toEqual(
      expect.arrayContaining(["ar@10", "ar@100", "ar@1000:large"]),
    );
    const edges = await evaluate("edges", "--data", "set", "--thresholds", "9");
    expect(Object.keys(edges.metrics)).toEqual(expect.arrayContaining(["ods", "ois", "ap_edge", "r50"]));
  });

  it("agreement needs no model and no images", async () => {
    writeSet("other", objects.slice(0, 1));
    const args = ["eval", "agreement", "set", "other", "-o", "out", "--bootstrap", "0"];
    expect((await workplace.run(...args)).status).toBe(0);
    expect(json("out", "report.json")).toMatchObject({
      model: null,
      metrics: { iou_mean: 1, "share@75": 0.5, "share@90": 0.5 },
    });
  });

  it("replaces its own report, and those of others with --overwrite only", async () => {
    const args = ["eval", "agreement", "set", "set", "-o", "out", "--bootstrap", "0"];
    mkdirSync(at("out"));
    writeFileSync(at("out", "report.txt"), "mine");
    const { status, stderr } = await workplace.run(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/report\.txt.*--overwrite.*\[output-exists\]/);
    expect(readFileSync(at("out", "report.txt"), "utf8")).toBe("mine");
    expect((await workplace.run(...args, "--overwrite")).status).toBe(0);
    expect((await workplace.run(...args)).status).toBe(0);
    expect(readFileSync(at("out", "report.txt"), "utf8")).toContain("iou_mean");
  });

  it("says what is wrong with data that isn't there, is empty or is damaged", async () => {
    writeSet("empty", []);
    mkdirSync(at("broken"));
    writeFileSync(at("broken", "annotations.json"), "{");
    for (const [name, expected] of [
      ["nothing", /nothing/],
      ["empty", /mask/],
      ["broken", /annotations\.json/],
    ] as const) {
      const args = ["eval", "clicks", "--data", name, "--format", "coco", "-o", "out"];
      const { status, stderr } = await workplace.run(...args);
      expect(stderr).toMatch(/^segany: .*\[[a-z-]+\]$/m);
      expect(stderr).toMatch(expected);
      expect(status).not.toBe(0);
      expect(existsSync(at("out"))).toBe(false);
    }
  });

  it("stops at Ctrl-C with status 130 and leaves no report", async () => {
    const cache = at("cache");
    const child = workplace.startWith(
      { SEGANY_CACHE: cache },
      "eval",
      "proposals",
      "--data",
      "set",
      "-o",
      "out",
    );
    const ended = finish(child);
    await expect.poll(() => embeddingFiles(cache)).toHaveLength(1); // decoding goes on for seconds after it
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    expect(existsSync(at("out"))).toBe(false);
  });
});

function embeddingFiles(cache = join(workplace.path, "..", "cache")): string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true, encoding: "utf8" })
    .filter((name) => /embeddings.*\.embedding$/.test(name))
    .sort();
}
