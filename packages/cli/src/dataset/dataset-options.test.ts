/** Every option of every command for data sets is used: it changes what comes out, or is refused. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { boxToRle, type RgbaImage } from "@segany/masks";
import type { Command, Option } from "commander";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { datasetCommand } from "../commands/dataset.js";
import { filesBelow, runHere } from "../testing/run-here.js";

const asked: unknown[] = [];

/** The model is not run: what it is asked for is kept, and its masks tell the image's first pixel. */
vi.mock("@segany/sam", async (load) => ({
  ...(await load<typeof import("@segany/sam")>()),
  async loadSam(...options: unknown[]) {
    asked.push(options, process.env.SEGANY_VERBOSE);
    return { model: { checkpointSha256: "0", precision: "fp32" }, [Symbol.asyncDispose]: async () => {} };
  },
  SamPredictor: class {
    #image: RgbaImage = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
    async setImage(image: RgbaImage) {
      this.#image = image;
    }
    async predictBatch(prompts: readonly unknown[]) {
      const [red = 0] = this.#image.data;
      return prompts.map(() => ({
        masks: [boxToRle([1, 1, 2, 2], this.#image)],
        iouPredictions: [red / 255],
      }));
    }
  },
}));

const root = mkdtempSync(join(tmpdir(), "segany-options-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  asked.length = 0;
  vi.stubEnv("SEGANY_VERBOSE", undefined);
});

/** How an option is seen to be used. */
interface Proof {
  /** The input; "plain" by default. */
  readonly set?: string;
  /** Arguments that both runs have. */
  readonly base?: readonly string[];
  /** The option with its value, and what belongs to it. */
  readonly args: readonly string[];
  /** Whether the output has been begun before. */
  readonly begun?: boolean;
  readonly isTerminal?: boolean;
}

/** What each command is given beside options; OUT is the output folder, SET the input. */
const arguments_: Readonly<Record<string, readonly string[]>> = {
  convert: ["SET", "OUT"],
  stats: ["SET"],
  view: ["SET", "OUT"],
  validate: ["SET"],
  split: ["SET", "OUT"],
  filter: ["SET", "OUT"],
  merge: ["SET", "SET", "--output", "OUT"],
  sample: ["SET", "OUT", "--count", "1"],
  remap: ["SET", "OUT", "--map", "dog=hound"],
  inpaint: ["SET", "OUT"],
  "masks-from-boxes": ["SET", "OUT"],
};

const reading: Readonly<Record<string, Proof>> = {
  "--from": { set: "two-formats", args: ["--from", "yolo"] },
  "--image-folder": { set: "apart", args: ["--image-folder", "PHOTOS"] },
  "--encoding": { set: "gb18030", args: ["--encoding", "gb18030"] },
  "--json": { args: ["--json"] },
  "--quiet": { args: ["--quiet"], isTerminal: true },
};

const strict: Readonly<Record<string, Proof>> = { "--strict": { set: "odd", args: ["--strict"] } };

const writing: Readonly<Record<string, Proof>> = {
  ...reading,
  ...strict,
  "--to": { args: ["--to", "yolo"] },
  "--no-images": { args: ["--no-images"] },
  "--allow-missing": { set: "gone", args: ["--allow-missing"] },
  "--resume": { begun: true, args: ["--resume"] },
  "--shard-size": { base: ["--to", "sa1b"], args: ["--shard-size", "1"] },
};

const proofs: Readonly<Record<string, Readonly<Record<string, Proof>>>> = {
  convert: writing,
  stats: { ...reading, ...strict, "--html": { args: ["--html", "OUT/page.html"] } },
  view: {
    ...reading,
    ...strict,
    "--per-page": { args: ["--per-page", "1"] },
    "--thumbnail": { args: ["--thumbnail", "16"] },
    "--limit": { args: ["--limit", "1"] },
  },
  validate: {
    ...reading,
    "--no-images": { set: "damaged", args: ["--no-images"] },
    "--limit": { set: "wrong", args: ["--limit", "1"] },
  },
  split: {
    ...writing,
    "--ratio": { args: ["--ratio", "a=1,b=1"] },
    "--seed": { args: ["--seed", "3"] },
    "--stratify": { args: ["--stratify"] },
    "--group-by": { args: ["--group-by", "scene"] },
  },
  filter: {
    ...writing,
    "--category": { args: ["--category", "cat"] },
    "--drop-category": { args: ["--drop-category", "cat"] },
    "--annotator": { args: ["--annotator", "1"] },
    "--min-area": { args: ["--min-area", "100"] },
    "--max-area": { args: ["--max-area", "100"] },
    "--min-relative-size": { args: ["--min-relative-size", "0.3"] },
    "--max-relative-size": { args: ["--max-relative-size", "0.3"] },
    "--min-predicted-iou": { args: ["--min-predicted-iou", "0.8"] },
    "--min-stability-score": { args: ["--min-stability-score", "0.8"] },
    "--no-crowds": { args: ["--no-crowds"] },
    "--min-side": { args: ["--min-side", "35"] },
    "--max-side": { args: ["--max-side", "35"] },
    "--min-masks": { args: ["--min-masks", "2"] },
    "--max-masks": { args: ["--max-masks", "1"] },
    "--file-name": { args: ["--file-name", "a*"] },
  },
  merge: {
    ...writing,
    "--output": { args: ["--output", "OUT/elsewhere"] },
    "--no-prefix": { args: ["--no-prefix"] },
  },
  sample: { ...writing, "--count": { args: ["--count", "2"] }, "--seed": { args: ["--seed", "3"] } },
  remap: {
    ...writing,
    "--map": { args: ["--map", "cat=pet"] },
    "--drop": { args: ["--drop", "cat"] },
    "--only": { args: ["--only"] },
    "--clear-crowd": { args: ["--clear-crowd"] },
    "--relabel-ids": { args: ["--relabel-ids"] },
  },
  inpaint: {
    ...reading,
    ...strict,
    "--dilate": { args: ["--dilate", "2"] },
    "--feather": { args: ["--feather", "2"] },
    "--layout": { args: ["--layout", "lama"] },
  },
  "masks-from-boxes": {
    ...writing,
    "--model": { args: ["--model", "vit_b"] },
    "--model-type": { args: ["--model-type", "vit_b"] },
    "--checkpoint": { args: ["--checkpoint", "x.pth"] },
    "--lora": { args: ["--lora", "x.safetensors"] },
    "--ignore-unused": { args: ["--ignore-unused"] },
    "--preprocessing": { args: ["--preprocessing", "medsam"] },
    "--device": { args: ["--device", "cuda"] },
    "--threads": { args: ["--threads", "3"] },
    "--precision": { args: ["--precision", "int8"] },
    "--verbose": { args: ["--verbose"] },
    "--intensity": { set: "boxes", args: ["--intensity", "full"] },
    "--bands": { set: "boxes", args: ["--bands", "3,2,1"] },
    "--page": { set: "boxes", args: ["--page", "2"] },
  },
};

const names = ["a1", "a2", "b1", "b2", "c1", "c2"];

/** A square and a small one in the first image, one in the others. */
function coco(change: (content: Record<string, Record<string, unknown>[]>) => void = () => {}): string {
  const marks = [
    { image: 1, at: 2, side: 20, fields: { category_id: 1, annotator: 1, predicted_iou: 0.9 } },
    { image: 1, at: 24, side: 4, fields: { category_id: 2, annotator: 0, predicted_iou: 0.5 } },
    ...[2, 3, 4, 5, 6].map((image) => ({ image, at: 4, side: 6, fields: { category_id: 1 + (image % 2) } })),
  ];
  const content = {
    images: names.map((name, i) => ({
      id: 10 + i,
      file_name: `${name}.png`,
      width: 40,
      height: 30 + i,
      scene: i % 3,
    })),
    annotations: marks.map(({ image, at, side, fields }, i) => ({
      id: 100 + i,
      image_id: 9 + image,
      iscrowd: i === 1 ? 1 : 0,
      stability_score: i === 0 ? 0.9 : 0.5,
      segmentation: [[at, 2, at + side, 2, at + side, 2 + side, at, 2 + side]],
      area: side * side,
      bbox: [at, 2, side, side],
      ...fields,
    })),
    categories: ["cat", "dog"].map((name, i) => ({ id: i + 1, name })),
  };
  change(content);
  return JSON.stringify(content);
}

const photos = join(root, "photos");

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

beforeAll(async () => {
  for (const [i, name] of names.entries()) {
    const create = {
      width: 40,
      height: 30 + i,
      channels: 3 as const,
      background: { r: 40 * i, g: 90, b: 20 },
    };
    put(`photos/${name}.png`, await sharp({ create }).png().toBuffer());
  }
  const sets: Record<string, string | Buffer> = {
    plain: coco(),
    "two-formats": coco(),
    odd: coco(({ annotations }) => annotations!.push({ id: 1, image_id: 10, category_id: 1, bbox: null })),
    gone: coco(),
    damaged: coco(),
    wrong: coco(({ annotations }) => {
      for (const annotation of annotations!) annotation.area = 1;
    }),
    gb18030: Buffer.from(coco().replace('"cat"', '"\xb9\xb7"'), "latin1"),
  };
  for (const [name, content] of Object.entries(sets)) {
    put(`${name}/annotations.json`, content);
    cpSync(photos, join(root, name, "images"), { recursive: true });
  }
  put(
    "boxes/annotations.json",
    coco(({ annotations }) => {
      for (const annotation of annotations!) delete annotation.segmentation;
    }),
  );
  const deep = Uint16Array.from({ length: 40 * 30 * 3 }, (_, i) => 500 + 100 * (i % 3) + (i % 7));
  const raw = { width: 40, height: 30, channels: 3 as const };
  put("boxes/images/a1.png", await sharp(deep, { raw }).toColourspace("rgb16").png().toBuffer());
  put("two-formats/data.yaml", "names: [cow, dog]\n");
  put("two-formats/labels/a1.txt", "0 0.5 0.5 0.2 0.2\n");
  rmSync(join(root, "gone/images"), { recursive: true });
  put("damaged/images/a1.png", "no image");
  put("apart/data.yaml", "names: [cat, dog]\n");
  put("apart/labels/a1.txt", "0 0.1 0.1 0.5 0.1 0.5 0.5\n");
});

const verbs = datasetCommand().commands.map((command) => command.name());
const optionsOf = (verb: string): readonly Option[] =>
  datasetCommand().commands.find((command: Command) => command.name() === verb)!.options;

let runs = 0;

async function outcome(
  verb: string,
  { set = "plain", base = [], begun, isTerminal }: Proof,
  more: readonly string[],
) {
  const out = join(root, `out-${++runs}`);
  mkdirSync(out);
  const fill = (text: string): string =>
    text
      .replace(/^SET$/, join(root, set))
      .replace(/^OUT/, out)
      .replace(/^PHOTOS$/, photos);
  const args = ["dataset", verb, ...arguments_[verb]!, ...base].map(fill);
  if (begun) await runHere(datasetCommand(), args);
  const finished = await runHere(datasetCommand(), [...args, ...more.map(fill)], {
    isTerminal: isTerminal ?? false,
  });
  const text = JSON.stringify({ ...finished, asked: asked.splice(0), files: filesBelow(out) }).replaceAll(
    out,
    "OUT",
  );
  return { text, ...finished };
}

describe.each(verbs)("segany dataset %s", (verb) => {
  it("has a proof for each of its options, and no other", () => {
    expect(
      optionsOf(verb)
        .map(({ long }) => long)
        .sort(),
    ).toEqual(Object.keys(proofs[verb] ?? {}).sort());
  });

  it("gives the same twice", async () => {
    const first = await outcome(verb, { args: [] }, []);
    expect([first.status, first.stderr], first.text).toEqual([0, expect.not.stringContaining("segany:")]);
    expect((await outcome(verb, { args: [] }, [])).text).toBe(first.text);
  });

  it.each(Object.keys(proofs[verb] ?? {}))("%s changes what comes out", async (name) => {
    const proof = proofs[verb]![name]!;
    const without = await outcome(verb, proof, []);
    const given = await outcome(verb, proof, proof.args);
    expect(given.text).not.toBe(without.text);
    expect(given.stderr).not.toMatch(/unknown option|TypeError/);
  });
});

it("an option for another format is refused", async () => {
  const { status, stderr } = await outcome("convert", { args: [] }, ["--shard-size", "1"]);
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/--shard-size is for sa1b; coco has no shards/),
  ]);
});
