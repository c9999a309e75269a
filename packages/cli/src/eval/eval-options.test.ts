/**
 * Every option of every evaluation is used: it changes what comes out, reaches the evaluation, or is refused.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { evaluate } from "@segany/evaluation";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { evalCommand } from "../commands/eval.js";
import { filesBelow, runHere } from "../testing/run-here.js";

const asked: unknown[] = [];

/** Evaluations with a model are not run: what they are asked for is kept. */
vi.mock("@segany/evaluation", async (load) => {
  const library = await load<typeof import("@segany/evaluation")>();
  const mocked: typeof evaluate = async (name, options) => {
    asked.push([name, options, process.env.SEGANY_VERBOSE]);
    if (name === "agreement") return library.evaluate(name, options);
    const report = { protocol: name, model: null, settings: {}, metrics: {}, datasets: [], seconds: 1 };
    return { report, description: "", intervals: {}, sets: [] } as never;
  };
  return { ...library, evaluate: mocked };
});

const root = mkdtempSync(join(tmpdir(), "segany-eval-options-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  asked.length = 0;
  vi.stubEnv("SEGANY_VERBOSE", undefined);
});

interface Proof {
  readonly set?: string;
  readonly args: readonly string[];
  readonly isTerminal?: boolean;
  /** Whether a report of somebody else is in the way. */
  readonly isTaken?: boolean;
}

const data: Readonly<Record<string, Proof>> = {
  "--format": { set: "two-formats", args: ["--format", "yolo"] },
  "--image-folder": { set: "apart", args: ["--image-folder", "PHOTOS"] },
  "--encoding": { set: "gb18030", args: ["--encoding", "gb18030"] },
};

const sampling: Readonly<Record<string, Proof>> = {
  "--output": { args: ["--output", "OUT/elsewhere"] },
  "--overwrite": { isTaken: true, args: ["--overwrite"] },
  "--limit": { args: ["--limit", "1"] },
  "--max-masks": { args: ["--max-masks", "1"] },
  "--things-only": { args: ["--things-only"] },
  "--seed": { args: ["--seed", "5"] },
  "--bootstrap": { args: ["--bootstrap", "20"] },
  "--quiet": { args: ["--quiet"], isTerminal: true },
};

const model: Readonly<Record<string, Proof>> = {
  "--data": { args: ["--data", "PHOTOS"] },
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
};

const proofs: Readonly<Record<string, Readonly<Record<string, Proof>>>> = {
  clicks: {
    ...data,
    ...sampling,
    ...model,
    "--first-point": { args: ["--first-point", "random"] },
    "--no-noc": { args: ["--no-noc"] },
  },
  proposals: { ...data, ...sampling, ...model, "--generator": { args: ["--generator", "default"] } },
  boxes: {
    ...data,
    ...sampling,
    ...model,
    "--boxes": { args: ["--boxes", "boxes.json"] },
    "--refine": { args: ["--refine"] },
    "--strict": { args: ["--strict"] },
    "--max-detections": { args: ["--max-detections", "7"] },
  },
  edges: {
    ...data,
    ...sampling,
    ...model,
    "--detector": { args: ["--detector", "canny"] },
    "--thresholds": { args: ["--thresholds", "9"] },
  },
  agreement: { ...data, ...sampling, "--min-iou": { args: ["--min-iou", "0.9"] } },
};

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

/** Squares that are a little larger in the second set. */
function coco(more: number): string {
  const images = ["a", "b", "c"].map((name, i) => ({
    id: i + 1,
    file_name: `${name}.png`,
    width: 40,
    height: 30,
  }));
  const annotations = images.flatMap(({ id }) =>
    [0, 1].map((i) => ({
      id: 10 * id + i,
      image_id: id,
      category_id: i + 1,
      segmentation: [[20 * i, 2, 20 * i + 9 + id + more, 2, 20 * i + 9 + id + more, 12, 20 * i, 12]],
    })),
  );
  const categories = ["cat", "sky"].map((name, i) => ({ id: i + 1, name, isthing: 1 - i }));
  return JSON.stringify({ images, annotations, categories });
}

beforeAll(async () => {
  for (const name of ["a", "b", "c"]) {
    const create = { width: 40, height: 30, channels: 3 as const, background: "#808080" };
    put(`photos/${name}.png`, await sharp({ create }).png().toBuffer());
  }
  for (const [i, part] of ["first", "second"].entries()) {
    put(`plain/${part}/annotations.json`, coco(i));
    put(`two-formats/${part}/annotations.json`, coco(i));
    put(`two-formats/${part}/data.yaml`, "names: [cow]\n");
    put(`two-formats/${part}/images/a.png`, await sharp(join(root, "photos/a.png")).toBuffer());
    put(`two-formats/${part}/labels/a.txt`, "0 0.1 0.1 0.5 0.1 0.5 0.5\n");
    put(`gb18030/${part}/annotations.json`, Buffer.from(coco(i).replace('"cat"', '"\xb9\xb7"'), "latin1"));
    put(`apart/${part}/data.yaml`, "names: [cat]\n");
    put(`apart/${part}/labels/a.txt`, "0 0.1 0.1 0.5 0.1 0.5 0.5\n");
  }
});

let runs = 0;

async function outcome(
  protocol: string,
  { set = "plain", isTaken, isTerminal = false }: Proof,
  more: readonly string[],
) {
  const out = join(root, `out-${++runs}`);
  if (isTaken) put(`out-${runs}/report.txt`, "mine");
  const fill = (text: string): string => text.replace(/^OUT/, out).replace(/^PHOTOS$/, join(root, "photos"));
  const sets = ["first", "second"].map((part) => join(root, set, part));
  const input = protocol === "agreement" ? sets : ["--data", sets[0]!];
  const args = ["eval", protocol, ...input, "--output", out, ...more.map(fill)];
  const finished = await runHere(evalCommand(), args, { isTerminal });
  const told = JSON.stringify({ ...finished, asked: asked.splice(0), files: filesBelow(out) }, (_, value) =>
    typeof value === "function" ? "a function" : value,
  );
  return { text: told.replaceAll(out, "OUT").replace(/\b[\d.]+ s\b/g, ""), ...finished };
}

const protocols = evalCommand().commands.map((command) => command.name());

describe.each(protocols)("segany eval %s", (protocol) => {
  it("has a proof for each of its options, and no other", () => {
    const options = evalCommand().commands.find((command) => command.name() === protocol)!.options;
    expect(options.map(({ long }) => long).sort()).toEqual(Object.keys(proofs[protocol] ?? {}).sort());
  });

  it("gives the same twice", async () => {
    const first = await outcome(protocol, { args: [] }, []);
    expect(first.status, first.stderr).toBe(0);
    expect((await outcome(protocol, { args: [] }, [])).text).toBe(first.text);
  });

  it.each(Object.keys(proofs[protocol] ?? {}))("%s changes what comes out or is asked for", async (name) => {
    const proof = proofs[protocol]![name]!;
    const without = await outcome(protocol, proof, []);
    const given = await outcome(protocol, proof, proof.args);
    expect(given.text).not.toBe(without.text);
    expect(given.stderr).not.toMatch(/unknown option|TypeError/);
  });
});
