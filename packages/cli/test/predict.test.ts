import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeRle, type Rle, rleIou } from "@segany/masks";
import { encodeMaskPng, readNpy, writeNpy } from "@segany/sam";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };
import { createWorkplace, finish } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));
const pear = golden.predict.find(({ id }) => id === "point-pear")!;

describe("segany predict", () => {
  it("writes masks in the decoder's order, their logits and a picture", async () => {
    const { status } = await workplace.run("predict", "photo.jpg", "--point", "610,430", "--save-logits");
    expect(status).toBe(0);
    const { image, model, prompts, masks } = json("outputs", "photo.predict.json");
    expect(image).toEqual({ file_name: "photo.jpg", width: 1200, height: 800 });
    expect(model).toMatchObject({
      name: "mobile_sam",
      checkpoint_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(prompts[0]).toMatchObject({ point_coords: [[610, 430]], point_labels: [1] });
    expect(masks).toHaveLength(3);
    for (const [i, mask] of masks.entries()) {
      expect(rleIou([mask.segmentation], [pear.masks[i] as unknown as Rle])[0]).toBeGreaterThan(0.995);
      expect(mask.predicted_iou).toBeCloseTo(pear.iou_predictions[i], 2);
    }
    expect(readNpy(readFileSync(at("outputs", "photo.logits.npy"))).shape).toEqual([3, 256, 256]);
  });

  it("gives the same from an embedding, and refuses another model's or another image's", async () => {
    expect((await workplace.run("embed", "photo.jpg", "--output", "e.safetensors")).status).toBe(0);
    expect((await workplace.run("embed", "photo.jpg", "--output", "e.npy")).status).toBe(0);
    await workplace.run("predict", "photo.jpg", "--point", "610,430", "--no-picture", "-o", "direct");
    for (const embedding of ["e.safetensors", "e.npy"]) {
      const { status } = await workplace.run(
        "predict",
        "photo.jpg",
        "--point",
        "610,430",
        "--embedding",
        embedding,
        "-o",
        `${embedding}-out`,
      );
      expect(status).toBe(0);
      expect(json(`${embedding}-out`, "photo.predict.json").masks).toEqual(
        json("direct", "photo.predict.json").masks,
      );
    }
    copyFileSync(at("photo.jpg"), at("same.jpg"));
    appendFileSync(at("photo.jpg"), "other");
    for (const embedding of ["e.safetensors", "e.npy"])
      for (const drawn of [["--no-picture"], []]) {
        const args = ["--point", "610,430", "--embedding", embedding, ...drawn];
        const { status, stderr } = await workplace.run("predict", "photo.jpg", ...args);
        expect(status).toBe(1);
        expect(stderr).toContain("The embedding is of another image than photo.jpg");
      }
    copyFileSync(at("same.jpg"), at("photo.jpg"));
    const other = await workplace.run(
      ...[
        "predict",
        "photo.jpg",
        "--point",
        "1,1",
        "--embedding",
        "e.npy",
        "--intensity",
        "0,100",
        "--no-picture",
      ],
    );
    expect(other.stderr).toContain("read with other options");
    const about = json("e.npy.json");
    for (const change of [{ checkpoint_sha256: "0".repeat(64) }, { image_width: "600" }]) {
      writeFileSync(at("e.npy.json"), JSON.stringify({ ...about, ...change }));
      const { status, stderr } = await workplace.run(
        "predict",
        "photo.jpg",
        "--point",
        "10,10",
        "--embedding",
        "e.npy",
      );
      expect(status).toBe(1);
      expect(stderr).toContain("embedding-mismatch");
    }
  });

  it("takes a rough mask, and many prompts from a file", async () => {
    await workplace.run(
      "predict",
      "photo.jpg",
      "--point",
      "610,430",
      "--single-mask",
      "--save-logits",
      "--no-picture",
    );
    const { status } = await workplace.run(
      "predict",
      "photo.jpg",
      "--point",
      "610,430",
      "--mask-input",
      join("outputs", "photo.logits.npy"),
      "--single-mask",
      "-o",
      "refined",
    );
    expect(status).toBe(0);
    expect(json("refined", "photo.predict.json").masks).toHaveLength(1);
    writeFileSync(
      at("many.json"),
      JSON.stringify([{ point_coords: [[610, 430]], point_labels: [1] }, { box: [700, 125, 830, 475] }]),
    );
    expect((await workplace.run("predict", "photo.jpg", "--prompts", "many.json", "-o", "many")).status).toBe(
      0,
    );
    expect(json("many", "photo.predict.json").masks.map((mask: { prompt: number }) => mask.prompt)).toEqual([
      0, 0, 0, 1, 1, 1,
    ]);
  });

  it("says what is wrong with a prompt", async () => {
    writeFileSync(at("small.npy"), writeNpy({ shape: [8, 8], data: new Float32Array(64) }));
    for (const [args, message] of [
      [[], /Nothing to segment: use --point/],
      [["--point", "5000,3"], /\(5000, 3\) is outside the image/],
      [["--point", "NaN,3"], /must have the form/],
      [["--point", "3,3,7"], /label is 7/],
      [["--box", "1,2,3,4", "--box", "1,2,3,4"], /once/],
      [["--mask-input", "small.npy"], /64 values/],
    ] as const) {
      const { status, stderr } = await workplace.run("predict", "photo.jpg", ...args);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
  });
});

describe("the exported model", () => {
  it("writes files that plain ONNX Runtime runs to the same masks, under the names of Meta's script", async () => {
    expect((await workplace.run("export", "--output", "onnx")).status).toBe(0);
    await workplace.run("embed", "photo.jpg", "--output", "e.npy");
    const { data, shape } = readNpy(readFileSync(at("e.npy")));
    const decoder = await ort.InferenceSession.create(at("onnx", "decoder.onnx"));
    expect(decoder.inputNames).toEqual([
      "image_embeddings",
      "point_coords",
      "point_labels",
      "mask_input",
      "has_mask_input",
      "orig_im_size",
    ]);
    expect(decoder.outputNames).toEqual(["masks", "iou_predictions", "low_res_masks"]);
    const floats = (values: ArrayLike<number>, dims: readonly number[]) =>
      new ort.Tensor("float32", Float32Array.from(values), [...dims]);
    const scale = 1024 / 1200;
    const { masks } = await decoder.run({
      image_embeddings: floats(data, shape),
      point_coords: floats([610 * scale, (430 * 683) / 800, 0, 0], [1, 2, 2]),
      point_labels: floats([1, -1], [1, 2]),
      mask_input: floats(new Float32Array(65536), [1, 1, 256, 256]),
      has_mask_input: floats([0], [1]),
      orig_im_size: floats([800, 1200], [2]),
    });
    expect(masks.dims).toEqual([1, 4, 800, 1200]);
    await workplace.run("predict", "photo.jpg", "--point", "610,430", "--no-picture");
    const ours = json("outputs", "photo.predict.json").masks;
    for (const [i, mask] of ours.entries()) {
      const logits = (masks.data as Float32Array).subarray((i + 1) * 960_000, (i + 2) * 960_000);
      const inside = logits.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
      expect(Math.abs(inside - mask.area)).toBeLessThan(0.001 * mask.area + 5);
    }
  });
});

describe("segany models and cache", () => {
  it("lists models, and says where to get one that is not there", async () => {
    const { stdout } = await workplace.run("models");
    for (const name of ["mobile_sam", "vit_b", "vit_l", "vit_h", "clip_vit_b32"])
      expect(stdout).toContain(name);
    const { status, stderr } = await workplace.run("segment", "photo.jpg", "--model", "vit_b");
    expect(stderr).toContain("segany models download vit_b");
    expect(status).toBe(1);
    const offline = await workplace.run("models", "download", "vit_b", "--base-url", "http://127.0.0.1:9/");
    expect(offline.stderr).toMatch(/download-failed/);
    expect(offline.stderr).toContain("sam_vit_b_01ec64.pth");
    expect(offline.status).toBe(1);
  });

  it("shows and clears what was built", async () => {
    await workplace.run("predict", "photo.jpg", "--point", "10,10", "--no-picture");
    expect(JSON.parse((await workplace.run("cache", "info", "--json")).stdout).bytes).toBeGreaterThan(1e7);
    expect((await workplace.run("cache", "clear")).stdout).toMatch(/^Removed/);
    expect(JSON.parse((await workplace.run("cache", "info", "--json")).stdout).entries).toEqual([]);
  });
});

describe("a list of prompts", () => {
  const good = { point_coords: [[610, 430]], point_labels: [1] };

  it("goes on without those that can't be used, names them, and ends with status 1", async () => {
    const list = [
      { box: [1] },
      good,
      { point_coords: [[5000, 1]], point_labels: [1] },
      { box: [500, 250, 1200.00006, 800.3] },
    ];
    writeFileSync(at("list.json"), JSON.stringify(list));
    const args = ["predict", "photo.jpg", "--prompts", "list.json", "--no-picture", "--single-mask"];
    const { status, stderr } = await workplace.run(...args);
    expect(status).toBe(1);
    expect(stderr).toContain("list.json: prompt 1 has a box that is not");
    expect(stderr).toContain("Prompt 3: Point 1 at (5000, 1) is outside the image");
    const { prompts, masks } = json("outputs", "photo.predict.json");
    expect(prompts.map(({ error }: { error?: { code: string } }) => error?.code)).toEqual([
      "prompt-invalid",
      undefined,
      "prompt-invalid",
      undefined,
    ]);
    expect(prompts[3].box).toEqual([500, 250, 1200, 800]);
    expect(masks.map(({ prompt }: { prompt: number }) => prompt)).toEqual([1, 3]);
    const strict = await workplace.run(...args, "--strict", "-o", "strict");
    expect(strict.status).toBe(2);
    expect(readdirSync(at()).includes("strict")).toBe(false);
  });

  it("may be an earlier result, from standard input with the image from a pipe", async () => {
    await workplace.run("predict", "photo.jpg", "--point", "610,430", "--no-picture", "--single-mask");
    const first = json("outputs", "photo.predict.json");
    const again = workplace.start(
      ...["predict", "photo.jpg", "--prompts", "outputs/photo.predict.json", "--no-picture", "--single-mask"],
      ...["-o", "again"],
    );
    expect((await finish(again)).status).toBe(0);
    expect(json("again", "photo.predict.json").masks).toEqual(first.masks);
    const piped = await workplace.runInput(
      readFileSync(at("photo.jpg")),
      ...["predict", "-", "--point", "610,430", "--no-picture", "--single-mask", "-o", "piped"],
    );
    expect(piped).toMatchObject({ status: 0 });
    expect(json("piped", "stdin.predict.json").masks).toEqual(first.masks);
  });

  it("may refine the mask of an image file as well as its logits", async () => {
    await workplace.run("predict", "photo.jpg", "--point", "610,430", "--single-mask");
    const [mask] = json("outputs", "photo.predict.json").masks;
    const dense = decodeRle(mask.segmentation);
    writeFileSync(at("mask.png"), await encodeMaskPng(dense));
    const args = [
      "predict",
      "photo.jpg",
      "--mask-input",
      "mask.png",
      "--point",
      "610,430",
      "--single-mask",
      "--no-picture",
    ];
    const { status, stderr } = await workplace.run(...args, "-o", "refined");
    expect(status).toBe(0);
    expect(stderr).toContain("mask.png: its values are a mask, not logits");
    const [refined] = json("refined", "photo.predict.json").masks;
    expect(rleIou([refined.segmentation], [mask.segmentation])[0]).toBeGreaterThan(0.95);
  });

  it("is not read by a model whose results could not be written", async () => {
    writeFileSync(at("file"), "");
    const { status, stderr } = await workplace.run("predict", "photo.jpg", "--point", "1,1", "-o", "file");
    expect(status).toBe(1);
    expect(stderr).toContain("Nothing can be written into the folder file");
    expect(stderr).not.toContain("Loading");
  });
});
