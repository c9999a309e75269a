import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { decodeRle, rleArea } from "@segany/masks";
import { readImage } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { createWorkplace, finish } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));
const few = ["--points-per-side", "4"];

describe("segany segment", () => {
  it("writes SA-1B's JSON and a picture, and tells one line an image with --json", async () => {
    const { status, stdout } = await workplace.run("segment", "photo.jpg", ...few, "--json", "--cutouts");
    expect(status).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({ file: "photo.jpg", output: join("outputs", "photo.json") });
    expect(Object.keys(line.timings_ms)).toEqual(["load", "encode", "decode", "post", "total"]);
    const { image, annotations } = json("outputs", "photo.json");
    expect(Object.keys(image)).toEqual(["image_id", "width", "height", "file_name"]);
    expect(image).toMatchObject({ width: 1200, height: 800, file_name: "photo.jpg" });
    expect(annotations).toHaveLength(line.masks);
    for (const annotation of annotations) {
      expect(Object.keys(annotation).sort()).toEqual([
        "area",
        "bbox",
        "crop_box",
        "id",
        "point_coords",
        "predicted_iou",
        "segmentation",
        "stability_score",
      ]);
      expect(annotation.segmentation.size).toEqual([800, 1200]);
      expect(rleArea(annotation.segmentation)).toBe(annotation.area);
      expect(decodeRle(annotation.segmentation).width).toBe(1200);
    }
    expect(await readImage(at("outputs", "photo.png"))).toMatchObject({ width: 1200, height: 800 });
    expect(readdirSync(at("outputs", "photo-cutouts"))).toHaveLength(line.masks);
  });

  it("skips what is done and unchanged, and does again what has changed", async () => {
    const masks = async (...more: string[]) =>
      JSON.parse(
        (await workplace.run("segment", "photo.jpg", ...few, "--no-picture", "--json", ...more)).stdout,
      );
    expect((await masks()).skipped).toBeUndefined();
    expect((await masks()).skipped).toBe(true);
    expect((await masks("--overwrite")).skipped).toBeUndefined();
    expect((await masks("--box-nms-thresh", "0.5")).skipped).toBeUndefined();
    utimesSync(at("photo.jpg"), new Date(), new Date(2020, 1));
    expect((await masks("--box-nms-thresh", "0.5")).skipped).toBeUndefined();
    writeFileSync(at("outputs", "photo.json"), "{}");
    expect((await masks("--box-nms-thresh", "0.5")).skipped).toBeUndefined();
  });

  it("goes on after a bad file, mirrors sub-folders, and takes parts of a folder", async () => {
    mkdirSync(at("in", "sub"), { recursive: true });
    copyFileSync(at("photo.jpg"), at("in", "a.jpg"));
    copyFileSync(at("photo.jpg"), at("in", "sub", "a.jpg"));
    writeFileSync(at("in", "b.png"), "no image");
    const { status, stdout, stderr } = await workplace.run(
      "segment",
      "in",
      "--recursive",
      ...few,
      "--no-picture",
      "--json",
    );
    expect(status).toBe(1);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.file).sort()).toEqual([
      join("in", "a.jpg"),
      join("in", "b.png"),
      join("in", "sub", "a.jpg"),
    ]);
    expect(lines.find((line) => line.error)).toMatchObject({
      file: join("in", "b.png"),
      error: { code: "image-unreadable" },
    });
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(at("outputs", "sub", "a.json"))).toBe(true);
    const part = await workplace.run(
      "segment",
      "in",
      "--recursive",
      ...few,
      "--no-picture",
      "--json",
      "--shard",
      "1/2",
      "-o",
      "part",
    );
    expect(part.stdout.trim().split("\n")).toHaveLength(2);
  });

  it("writes COCO and PNG folders, under the names that amg.py's users know", async () => {
    expect(
      (
        await workplace.run(
          "segment",
          "--input",
          "photo.jpg",
          "--model-type",
          "mobile_sam",
          "--format",
          "coco",
          ...few,
          "--no-picture",
          "-o",
          "c",
        )
      ).status,
    ).toBe(0);
    const coco = json("c", "annotations.json");
    expect(coco.images).toHaveLength(1);
    expect(coco.annotations[0]).toMatchObject({ image_id: coco.images[0].id, category_id: 1, iscrowd: 0 });
    expect(
      (await workplace.run("segment", "photo.jpg", "--format", "png", ...few, "--no-picture", "-o", "p"))
        .status,
    ).toBe(0);
    const rows = readFileSync(at("p", "photo", "metadata.csv"), "utf8")
      .trim()
      .split("\n");
    expect(rows[0]).toBe(
      "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,crop_box_x0,crop_box_y0,crop_box_w,crop_box_h",
    );
    const mask = await readImage(at("p", "photo", "0.png"));
    const white = mask.data.filter((value, i) => i % 4 === 0 && value === 255).length;
    expect(rows[1].split(",").slice(0, 2)).toEqual(["0", String(white)]);
  });

  it.each([
    [["segment"], 2, /Name an image/],
    [["segment", "photo.jpg", "--pred-iou-thresh", "abc"], 2, /must be a number/],
    [["segment", "photo.jpg", "--points-per-side", "0"], 2, /pointsPerSide is 0/],
    [["segment", "photo.jpg", "--model", "nope"], 2, /no model named "nope"/],
    [["segment", "photo.jpg", "--shard", "3/2"], 2, /--shard 3\/2/],
    [["segment", "photo.jpg", "--checkpoint", "photo.jpg"], 1, /checkpoint-/],
    [["segment", "nowhere.jpg"], 1, /file-unreadable/],
    [["segment", "photo.jpg", "--output", "photo.jpg", "--points-per-side", "2"], 1, /file-unwritable/],
    [["segment", "photo.jpg", "--device", "abacus"], 1, /device-unavailable/],
    [["segment", "photo.jpg", "--unknown"], 2, /unknown option/],
  ])("answers %j with status %i", async (args, status, message) => {
    const finished = await workplace.run(...args);
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).not.toMatch(/\n\s+at /);
    expect(finished.status).toBe(status);
  });

  it("refuses two images with the same output name before it starts", async () => {
    mkdirSync(at("other"));
    copyFileSync(at("photo.jpg"), at("other", "photo.png"));
    const { status, stderr } = await workplace.run("segment", "photo.jpg", "other", ...few);
    expect(status).toBe(2);
    expect(stderr).toContain(join("other", "photo.png"));
    expect(existsSync(at("outputs"))).toBe(false);
  });

  it.each([
    ["SIGINT", 130, "interrupted"],
    ["SIGTERM", 143, "terminated"],
  ] as const)("stops at %s: status %d, no crash message, no half file", async (signal, expected, told) => {
    const names = ["a", "b", "c", "d", "e", "f"];
    mkdirSync(at("photos"));
    for (const name of names) copyFileSync(at("photo.jpg"), at("photos", `${name}.jpg`));
    const child = workplace.start("segment", "photos", "--no-picture", "--points-per-side", "8", "--json");
    const ended = finish(child);
    await once(child.stdout!, "data"); // the first is done, and the next one under way
    child.kill(signal);
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(expected);
    expect(stderr.trim()).toBe(`segany: ${told}`);
    const done = stdout
      .trim()
      .split("\n")
      .map((line) => basename(JSON.parse(line).output));
    expect(done.length).toBeLessThan(names.length);
    const left = readdirSync(at("outputs"), { recursive: true, encoding: "utf8" }).sort();
    expect(left).toEqual([".segany", ...done.map((name) => join(".segany", name)), ...done]);
  });
});
