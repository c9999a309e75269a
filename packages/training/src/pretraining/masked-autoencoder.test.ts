import { createGraphBuilder } from "@segany/graph";
import { gradients } from "@segany/graph/gradients";
import type { PatchEncoder } from "@segany/sam/training";
import { expect, it } from "vitest";
import { evaluateGraph } from "../../../graph/src/testing/evaluate-graph.js";
import { autoencoderFeeds, hiddenPatchLoss } from "./masked-autoencoder.js";

it("counts the errors of hidden patches only, and has gradients there only", () => {
  const g = createGraphBuilder("loss", new Map());
  const predicted = g.input("predicted", "float32", [1, 3, 2]);
  const loss = hiddenPatchLoss(
    g,
    predicted,
    g.input("targets", "float32", [1, 3, 2]),
    g.input("hidden", "float32", [1, 3]),
  );
  g.output("loss", loss);
  g.output("gradient", gradients(g, loss, [predicted])[0]!);
  const result = evaluateGraph(g.finish(), {
    predicted: { shape: [1, 3, 2], data: Float64Array.of(1, 2, 50, 60, 0, 3) },
    targets: { shape: [1, 3, 2], data: Float64Array.of(0, 0, 0, 0, 0, 1) },
    hidden: { shape: [1, 3], data: Float64Array.of(1, 0, 1) },
  });
  // (1 + 4) / 2 and (0 + 4) / 2, mean of the two.
  expect(result.loss!.data[0]).toBeCloseTo(2.25, 9);
  // Twice the error, over the four values of hidden patches.
  expect([...result.gradient!.data].map((value) => Number(value.toFixed(9)))).toEqual([0.5, 1, 0, 0, 0, 1]);
});

it("feeds visible patches with their positions, and says where each stands", () => {
  const encoder = { side: 2, patchSize: 1, width: 2 } as PatchEncoder;
  const image = (first: number, visible: readonly number[]) => ({
    pixels: Float32Array.from({ length: 12 }, (_, i) => first + i),
    mask: { visible, hidden: Float32Array.from([0, 1, 2, 3], (patch) => (visible.includes(patch) ? 0 : 1)) },
  });
  const positions = Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5);
  const feeds = autoencoderFeeds([image(0, [3, 1]), image(100, [0, 2])], encoder, positions);
  // Pixel p has the values p, p + 4 and p + 8 in its three channels.
  const visible = [3, 7, 11, 1, 5, 9, 100, 104, 108, 102, 106, 110];
  expect([feeds.visible.shape, [...(feeds.visible.data as Float32Array)]]).toEqual([[2, 2, 3], visible]);
  expect([...(feeds.visible_positions.data as Float32Array)]).toEqual([3, 3.5, 1, 1.5, 0, 0.5, 2, 2.5]);
  expect([...(feeds.rows.data as BigInt64Array)].map(Number)).toEqual([4, 1, 4, 0, 2, 4, 3, 4]);
  expect([...(feeds.hidden.data as Float32Array)]).toEqual([1, 0, 1, 0, 0, 1, 0, 1]);
  for (const [i, value] of [-1, 0, 1].entries())
    expect((feeds.targets.data as Float32Array)[i]).toBeCloseTo(value, 5); // 0, 4, 8: deviation 4
});
