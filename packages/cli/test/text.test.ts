import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boxIou, boxXywhToXyxy, rleToBoxXywh } from "@segany/masks";
import { readNpy } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../scripts/testing/shared-files.mjs";
import { createWorkplace } from "./run-segany.js";
import { writeSet } from "./train-runs.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));

describe("segany predict --text", () => {
  it("masks all objects of a kind, says what found them, and takes a kind that is not there", async () => {
    const { status, stderr } = await workplace.run(
      ...["predict", "photo.jpg", "--text", "The bottles", "--text", "bicycle", "--save-logits"],
    );
    expect(status).toBe(0);
    expect(stderr).toContain('No "bicycle" was found in the image (detector).');
    const { text_engine, prompts, masks } = json("outputs", "photo.predict.json");
    expect(text_engine).toBe("detector");
    expect(prompts.map(({ text }: { text: string }) => text)).toEqual(["The bottles", "bicycle"]);
    expect(masks).toHaveLength(1);
    expect(masks[0]).toMatchObject({ label: "The bottles", category: "bottle", prompt: 0 });
    expect(masks[0].text_score).toBeGreaterThan(0.3);
    const box = boxXywhToXyxy(rleToBoxXywh(masks[0].segmentation)); // of the bottle in the still life
    expect(boxIou(box, [708, 134, 822, 421])).toBeGreaterThan(0.95);
    expect(readNpy(readFileSync(at("outputs", "photo.logits.npy"))).shape).toEqual([1, 256, 256]);
  });

  it("uses a point among several, also on a saved embedding, and refuses unknown words", async () => {
    expect((await workplace.run("embed", "photo.jpg", "--output", "e.safetensors")).status).toBe(0);
    const args = ["predict", "photo.jpg", "--embedding", "e.safetensors", "--no-picture", "--json"];
    const apples = ["--text", "apples", "--text-threshold", "0.2"];
    const one = await workplace.run(...args, ...apples, "--point", "480,450");
    expect(JSON.parse(one.stdout)).toMatchObject({ masks: 1 });
    const unknown = await workplace.run(...args, "--text", "flux capacitor");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/knows no "flux capacitor".* Near are: .*car.*\[text-unknown\]/);
  });
});

describe("segany segment --text", () => {
  it("writes the masks of words with their classes, and resumes", async () => {
    const args = ["segment", "photo.jpg", "--text", "cat", "--text", "bottle", "--format", "coco", "--json"];
    const first = await workplace.run(...args);
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ masks: 1 });
    const file = json("outputs", "annotations.json");
    expect(file.categories.map(({ name }: { name: string }) => name)).toEqual(["cat", "bottle"]);
    expect(file.annotations).toMatchObject([{ category_id: 2, label: "bottle" }]);
    expect(JSON.parse((await workplace.run(...args)).stdout)).toMatchObject({ masks: 1, skipped: true });
    expect(json("outputs", "annotations.json")).toEqual(file);
    const unknown = await workplace.run("segment", "photo.jpg", "--text", "unicorn");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("[text-unknown]");
  });
});

const owl = "fixtures/text/owlv2.safetensors";

it.skipIf(!haveSharedFiles(owl))(
  "takes any words with weights of the user, and names the engine",
  async () => {
    const args = ["--text-model", sharedFile(owl), "--no-picture"];
    const found = await workplace.run("predict", "photo.jpg", "--text", "a flux capacitor", ...args);
    expect(found.status).toBe(0);
    const { text_engine, masks } = json("outputs", "photo.predict.json");
    expect(text_engine).toBe("owl");
    expect(masks[0]).toMatchObject({ label: "a flux capacitor" });
    const wrong = await workplace.run("predict", "photo.jpg", "--text", "dog", "--text-model", "photo.jpg");
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/photo\.jpg.*\[checkpoint-/);
  },
);

const clip = "fixtures/text/clip_hf.safetensors";

it.skipIf(!haveSharedFiles(clip))(
  "trains a model to take words as prompts, and finds what it needs beside the checkpoint",
  async () => {
    writeSet(workplace.path);
    const model = ["--text-model", sharedFile(clip)];
    const short = ["--steps", "2", "--validate-every", "2", "--views", "1", "--val-every", "2"];
    const trained = await workplace.run(
      ...[
        "train",
        "--data",
        "set",
        "--output",
        "run",
        "--text",
        ...model,
        ...short,
        "--text-share",
        "1",
        "--json",
      ],
    );
    expect(trained).toMatchObject({ status: 0 });
    const result = JSON.parse(trained.stdout);
    expect(result.best_projection).toBe(join("run", "best.text.safetensors"));
    expect(result.best["miou@text"]).toBeGreaterThanOrEqual(0);
    expect(readFileSync(at("run", "config.yaml"), "utf8")).toMatch(/^text: true$/m);

    const predict = ["predict", "photo.jpg", "--text", "object", "--text-engine", "clip-prompt", ...model];
    const found = await workplace.run(...predict, "--checkpoint", result.best_checkpoint);
    expect(found).toMatchObject({ status: 0 });
    expect(json("outputs", "photo.predict.json").text_engine).toBe("clip-prompt");

    const missing = await workplace.run(...predict);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/needs a projection.*segany train --text.*\[text-unavailable\]/);
    const alone = await workplace.run("train", "--data", "set", "--output", "again", "--text");
    expect([alone.status, alone.stderr.includes("--text-model")]).toEqual([2, true]);
  },
);
