import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpy } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../../scripts/testing/shared-files.mjs";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import { readImage } from "../../images/node-images.js";
import { inferClip } from "../clip-architecture.js";
import { mapClipKeys } from "../clip-keys.js";
import { clipTextTower } from "../clip-text-tower.js";
import { openTextGrounder } from "../node-grounder.js";
import { owlLogits, selectOwlBoxes } from "./owl-boxes.js";
import { owlImageGraph } from "./owl-image-graph.js";
import { owlv2Pixels } from "./owl-pixels.js";

const shared = (name: string) => `fixtures/text/${name}`;
const FILES = ["owl.json", "owl.pixels.npy", "owlv2.safetensors", "owlvit.safetensors", "small.owlv2_96.npy"];
const TOLERANCE = 1e-4;

describe.skipIf(!haveSharedFiles(...FILES.map(shared)))(
  "OWL-ViT and OWLv2 against Hugging Face's code",
  () => {
    let golden: Golden;
    let pixels: Float32Array;
    let folder: string;
    beforeAll(async () => {
      golden = JSON.parse(await readFile(sharedFile(shared("owl.json")), "utf8"));
      pixels = readNpy(await readFile(sharedFile(shared("owl.pixels.npy"))), "pixels").data as Float32Array;
      folder = await mkdtemp(join(tmpdir(), "segany-owl-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    async function run(kind: "owlv2" | "owlvit") {
      const checkpoint = sharedFile(shared(`${kind}.safetensors`));
      const state = await openCheckpointFile(checkpoint, { cacheDirectory: folder, mapKeys: mapClipKeys });
      const architecture = inferClip(state.tensors);
      const graph = owlImageGraph(state.tensors, architecture, "quick-gelu");
      const outputs = await runGraph(graph, state.load, { images: floats(pixels, [1, 3, 96, 96]) });
      const ids = golden.ids.flat();
      const { features } = await runGraph(
        clipTextTower(state.tensors, architecture, "quick-gelu"),
        state.load,
        {
          tokens: { dtype: "int64", shape: [3, 16], data: BigInt64Array.from(ids, BigInt) },
          ends: {
            dtype: "int64",
            shape: [3],
            data: BigInt64Array.from(
              golden.ids.map((row) => row.indexOf(49407)),
              BigInt,
            ),
          },
        },
      );
      await state.close();
      const values = (name: string) => outputs[name]!.data as Float32Array;
      const patches = {
        classes: values("classes"),
        shift: values("shift"),
        scale: values("scale"),
        boxes: values("boxes"),
      };
      const width = features!.data.length / 3;
      const logits = [0, 1, 2].map((i) =>
        owlLogits(patches, (features!.data as Float32Array).subarray(i * width, (i + 1) * width)),
      );
      return { patches, logits };
    }

    it.each(["owlv2", "owlvit"] as const)("agree in logits and boxes: %s", async (kind) => {
      const { patches, logits } = await run(kind);
      const expected = golden[kind];
      expectClose(
        expected.logits.map((_, patch) => logits.map((each) => each[patch]!)),
        expected.logits,
      );
      expectClose(
        expected.pred_boxes.map((_, patch) => [...patches.boxes.subarray(4 * patch, 4 * patch + 4)]),
        expected.pred_boxes,
      );
    });

    it("agree in boxes above a threshold, before duplicates are left out", async () => {
      const { patches, logits } = await run("owlv2");
      const { threshold, height, width, scores, labels, boxes_xyxy } = golden.owlv2_post;
      const side = Math.max(width, height);
      const image = { width: side, height: side }; // Hugging Face leaves boxes where they are
      // A patch belongs to its most probable text.
      const best = logits[0]!.map((_, patch) => Math.max(...logits.map((each) => each[patch]!)));
      const found = logits.flatMap((each, label) => {
        const own = each.map((logit, patch) => (logit === best[patch] ? logit : Number.NEGATIVE_INFINITY));
        const options = { threshold, iouThreshold: 1, frame: image };
        return selectOwlBoxes(patches.boxes, own, image, options).map((box) => ({ label, ...box }));
      });
      const expected = scores.map((score, i) => ({ score, label: labels[i]!, box: boxes_xyxy[i]! }));
      expected.sort((a, b) => a.label - b.label || b.score - a.score);
      expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
      found.forEach(({ score, boxXyxy }, i) => {
        expect(Math.abs(score - expected[i]!.score)).toBeLessThan(TOLERANCE);
        boxXyxy.forEach((value, k) => {
          const within = Math.min(Math.max(expected[i]!.box[k]!, 0), side);
          expect(Math.abs(value - within)).toBeLessThan(TOLERANCE * side);
        });
      });
    });

    it("see the same padded square", async () => {
      const image = await readImage(await readFile(sharedFile(shared("small.png"))));
      const expected = readNpy(await readFile(sharedFile(shared("small.owlv2_96.npy"))), "square")
        .data as Float32Array;
      const actual = owlv2Pixels(image, 96);
      const differences = actual.map((value, i) => Math.abs(value - expected[i]!));
      expect(Math.max(...differences)).toBeLessThan(2e-2);
      expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(2e-3);
    });

    it("are opened by their weights, find boxes, and keep what they saw", async () => {
      for (const kind of ["owlv2", "owlvit"] as const) {
        const checkpoint = sharedFile(shared(`${kind}.safetensors`));
        await using grounder = await openTextGrounder({ checkpoint, cacheDirectory: folder });
        const image = await readImage(await readFile(sharedFile(shared("small.png"))));
        const { engine, objects } = await grounder.ground(image, ["red wheel", "cat"]);
        expect(engine).toBe("owl");
        expect(new Set(objects.map(({ label }) => label))).toEqual(new Set(["red wheel", "cat"]));
        for (const {
          score,
          boxXyxy: [x0, y0, x1, y1],
        } of objects) {
          expect(score).toBeGreaterThan(0.1);
          expect(x0 >= 0 && y0 >= 0 && x1 <= image.width && y1 <= image.height && x1 > x0 && y1 > y0).toBe(
            true,
          );
        }
        expect((await grounder.ground(image, "cat")).objects).toEqual(
          objects.filter(({ label }) => label === "cat"),
        );
        await expect(grounder.ground(image, "word ".repeat(40))).rejects.toMatchObject({
          code: "prompt-invalid",
        });
      }
    });
  },
);

interface Golden {
  readonly ids: readonly number[][];
  readonly owlv2: Outputs;
  readonly owlvit: Outputs;
  readonly owlv2_post: {
    readonly threshold: number;
    readonly height: number;
    readonly width: number;
    readonly scores: readonly number[];
    readonly labels: readonly number[];
    readonly boxes_xyxy: readonly number[][];
  };
}

interface Outputs {
  readonly logits: readonly number[][];
  readonly pred_boxes: readonly number[][];
}

/** Within 1e-4 of the largest value. */
function expectClose(actual: readonly number[][], expected: readonly number[][]): void {
  const largest = Math.max(...expected.flat().map(Math.abs));
  const differences = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - actual[i]![j]!)));
  expect(Math.max(...differences) / largest).toBeLessThan(TOLERANCE);
}
