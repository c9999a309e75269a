import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { evaluate } from "./evaluate.js";
import { readSuppliedBoxes } from "./protocols/supplied-boxes.js";
import { REPORT_FILES } from "./report/write-report.js";
import { rectangle, temporaryFolder, writeTestSet } from "./testing/synthetic-set.js";

describe("evaluate agreement", () => {
  it("counts shares of the first set's masks, pairs, and who has no partner", async () => {
    await using folder = await temporaryFolder();
    const a = await writeTestSet(join(folder.path, "a"), {
      annotations: [
        { box: [0, 0, 20, 10] },
        { box: [40, 0, 20, 10] },
        { box: [0, 30, 20, 10] },
        { box: [70, 30, 9, 9] },
      ],
    });
    const b = await writeTestSet(join(folder.path, "b"), {
      annotations: [
        { box: [40, 0, 20, 8] }, // IoU .8
        { box: [0, 0, 20, 10] }, // the same
        { box: [0, 30, 12, 10] }, // .6
        { box: [40, 40, 5, 5] }, // nothing there
        { box: [0, 0, 5, 5], imageId: 2 }, // an image that a has no masks of
      ],
      images: 2,
    });
    const { report } = await evaluate("agreement", { datasets: [{ path: a }, { path: b }] });
    expect(report.model).toBeNull();
    expect(report.datasets[0]!.name).toBe("a and b");
    expect(report.metrics).toEqual({
      iou_mean: expect.closeTo((1 + 0.8 + 0.6) / 3, 10),
      "share@75": 0.5,
      "share@90": 0.25,
      unmatched_a: 0.25,
      unmatched_b: 0.4,
    });
  });

  it("refuses sets of other sizes, other numbers of sets and odd settings", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(folder.path, { annotations: [{ box: [0, 0, 20, 10] }] });
    await expect(evaluate("agreement", { datasets: [{ path }] })).rejects.toMatchObject({
      code: "option-invalid",
    });
    const elsewhere = await writeTestSet(join(folder.path, "elsewhere"), {
      annotations: [{ box: [0, 0, 20, 10], imageId: 2 }],
      images: 2,
    });
    await expect(evaluate("agreement", { datasets: [{ path }, { path: elsewhere }] })).rejects.toMatchObject({
      code: "dataset-mismatch",
    });
    const datasets = [{ path }, { path }];
    await expect(evaluate("agreement", { datasets, settings: { minIou: 2 } })).rejects.toThrow("minIou is 2");
    await expect(evaluate("agreement", { datasets, settings: { maxMasks: 0 } })).rejects.toThrow(
      "maxMasks is 0",
    );
    await expect(evaluate("agreement", { datasets, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});

describe("evaluate", () => {
  it("refuses a folder that can't be written before any work, and makes none", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "set"), { annotations: [{ box: [0, 0, 20, 10] }] });
    const datasets = [{ path }, { path }];
    const file = join(folder.path, "file");
    await writeFile(file, "mine");
    const onProgress = () => expect.unreachable();
    for (const output of [file, join(file, "below")]) {
      const run = evaluate("agreement", { datasets, output, onProgress });
      await expect(run).rejects.toMatchObject({ code: "report-unwritable" });
    }
    const output = join(folder.path, "new", "out");
    const signal = AbortSignal.abort();
    await expect(evaluate("agreement", { datasets, output, signal })).rejects.toThrow();
    await expect(readFile(join(folder.path, "new"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a report's folder", () => {
  it("keeps files that no evaluation wrote, or that were changed since, unless they may be overwritten", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "set"), { annotations: [{ box: [0, 0, 20, 10] }] });
    const output = join(folder.path, "out");
    const onProgress = vi.fn();
    const run = (overwrite?: boolean) => {
      onProgress.mockClear();
      return evaluate("agreement", { datasets: [{ path }, { path }], output, overwrite, onProgress });
    };
    for (const name of Object.values(REPORT_FILES)) {
      await mkdir(output, { recursive: true });
      await writeFile(join(output, name), "mine");
      await expect(run()).rejects.toMatchObject({
        code: "output-exists",
        message: expect.stringContaining(join(output, name)),
      });
      expect(onProgress).not.toHaveBeenCalled();
      expect(await readdir(output)).toEqual([name]);
      expect(await readFile(join(output, name), "utf8")).toBe("mine");
      await run(true);
      await run(); // its own report
      expect(await readFile(join(output, name), "utf8")).not.toBe("mine");
      await appendFile(join(output, name), "a note of mine");
      await expect(run()).rejects.toMatchObject({ code: "output-exists" });
      expect(await readFile(join(output, name), "utf8")).toMatch(/a note of mine$/);
      await rm(output, { recursive: true });
    }
  });
});

describe("evaluate edges", () => {
  it("scores a classic detector on the borders of masks, and writes the report", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(join(folder.path, "set"), { annotations: [{ box: [24, 16, 48, 32] }] });
    const output = join(folder.path, "out");
    const progress: number[] = [];
    const { report, sets } = await evaluate("edges", {
      datasets: [{ path, name: "<one>" }],
      settings: { detector: "sobel", thresholds: 9, bootstrapRounds: 20 },
      output,
      onProgress: ({ imagesDone }) => progress.push(imagesDone),
    });
    expect(progress).toEqual([0, 1]);
    expect(report.metrics.ods).toBeGreaterThan(0.9);
    expect(sets[0]!.intervals.ods!.low).toBe(report.metrics.ods);
    const written = JSON.parse(await readFile(join(output, "report.json"), "utf8"));
    expect(Object.keys(written)).toEqual(["protocol", "model", "settings", "metrics", "datasets", "seconds"]);
    expect(written).toEqual(report);
    const page = await readFile(join(output, "report.html"), "utf8");
    expect(page).toContain("&lt;one&gt;");
    expect(page).not.toContain("<one>");
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(page.match(/<svg/g)).toHaveLength(1);
    expect(page.match(/<img src="data:image\/webp;base64,/g)!.length).toBe(3);
    expect(await readFile(join(output, "report.txt"), "utf8")).toContain("mean over sets");
  });

  it("takes every annotator's map of boundaries.json, and says when one is missing", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(folder.path, { annotations: [{ box: [24, 16, 48, 32] }] });
    const map = (segmentation: unknown) => ({ image_id: 7, annotator: 0, segmentation });
    const write = (boundaries: unknown[]) =>
      writeFile(
        join(path, "boundaries.json"),
        JSON.stringify({ images: [{ id: 7, file_name: "1.png" }], boundaries }),
      );
    const settings = { detector: "sobel", thresholds: 2, bootstrapRounds: 0 } as const;
    await write([map(rectangle([24, 16, 1, 32])), map(rectangle([71, 16, 1, 32]))]);
    const { sets, intervals } = await evaluate("edges", { datasets: [{ path }], settings });
    expect(sets[0]!.rows).toMatchObject([{ annotators: 2 }]);
    expect(intervals).toEqual({});
    await write([]);
    const run = evaluate("edges", { datasets: [{ path }], settings });
    await expect(run).rejects.toMatchObject({ code: "boundaries-invalid" });
  });

  it("says in our words what is wrong with boundaries.json", async () => {
    await using folder = await temporaryFolder();
    const path = await writeTestSet(folder.path, { annotations: [{ box: [24, 16, 48, 32] }] });
    const settings = { detector: "sobel", thresholds: 2, bootstrapRounds: 0 } as const;
    const images = '"images": [{"id": 7, "file_name": "1.png"}]';
    const map = '{"image_id": 7, "segmentation": {"size": [64, 96], "counts": [6144]}}';
    const contents = [
      ...["", "null", "[]", "{}", "1", `{"images": {}, "boundaries": []}`, `{"images": [null]}`],
      ...[`{${images}}`, `{${images}, "boundaries": {}}`, `{${images}, "boundaries": [null]}`],
      ...[`{${images}, "boundaries": [{"image_id": {"toString": 1}}]}`, `{${images}, "boundaries": [{}]}`],
      ...[`{${images}, "boundaries": [{"image_id": 7}]}`, `{"images": [{"id": "7"}], "boundaries": []}`],
      `{${images}, "boundaries": [{"image_id": 7, "segmentation": {"toString": 1}}]}`,
      `{${images}, "boundaries": [{"image_id": 7, "segmentation": {"size": [65535, 65535], "counts": [1]}}]}`,
      `{${images}, "boundaries": [${`${map},`.repeat(100)}${map}]}`,
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    ];
    for (const content of contents) {
      await writeFile(join(path, "boundaries.json"), content);
      const error = await evaluate("edges", { datasets: [{ path }], settings }).catch((reason) => reason);
      expect(error, content.slice(0, 100)).toMatchObject({ code: "boundaries-invalid" });
      expect(error.message).not.toMatch(/undefined|iterable|destructure|is not a function|\[object/);
    }
  });
});

describe("readSuppliedBoxes", () => {
  it("reads COCO's detection results and names an entry that isn't one", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "boxes.json");
    await writeFile(
      path,
      JSON.stringify([{ image_id: 3, bbox: [1, 2, 10, 20], score: 0.5, category_id: 4 }]),
    );
    expect((await readSuppliedBoxes(path)).get(3)).toEqual([
      { entry: 0, boxXyxy: [1, 2, 11, 22], score: 0.5, categoryId: 4 },
    ]);
    for (const bad of ['[{"image_id":3,"bbox":[1,2,0,5],"score":1}]', "{}", "[", "[null]"]) {
      await writeFile(path, bad);
      await expect(readSuppliedBoxes(path)).rejects.toMatchObject({ code: "boxes-invalid" });
    }
  });

  it("goes on after entries that are no boxes where somebody takes them, unless none is a box", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "boxes.json");
    const good = { image_id: 3, bbox: [1, 2, 10, 20], score: 0.5 };
    await writeFile(path, JSON.stringify([null, good, { ...good, bbox: [1, 2, -3, 4] }, good]));
    const problems: string[] = [];
    const boxes = await readSuppliedBoxes(path, ({ message }) => problems.push(message));
    expect(boxes.get(3)!.map(({ entry }) => entry)).toEqual([1, 3]);
    expect(problems.map((message) => /entry \d/.exec(message)![0])).toEqual(["entry 0", "entry 2"]);
    await writeFile(path, "[null]");
    await expect(readSuppliedBoxes(path, () => undefined)).rejects.toMatchObject({
      code: "boxes-invalid",
      message: expect.stringContaining("none of its 1 entries"),
    });
  });
});
