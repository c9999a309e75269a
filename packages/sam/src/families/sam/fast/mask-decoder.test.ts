import { afterAll, describe, expect, test } from "vitest";
import { maxDifference } from "../../../../../graph/src/testing/max-difference.js";
import { normals, randomWeights } from "../../../../../graph/src/testing/random-weights.js";
import type { DecoderOptions } from "../../../model/graph-options.js";
import { type PromptInput, packPrompts } from "../../../model/prompt-batch.js";
import { createDecoderRunner, type Decoded } from "../../../testing/run-decoder.js";
import { SMALL_ARCHITECTURE } from "../../../testing/small-architecture.js";
import { decoderWeightShapes } from "../weight-shapes.js";

const MASK_SIDE = 32;
const CHANNELS = SMALL_ARCHITECTURE.decoder.transformerDim;
const random = normals(7);
const numbers = (count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random());

const weights = randomWeights(decoderWeightShapes(SMALL_ARCHITECTURE), 3);
const runner = createDecoderRunner({ ...weights, architecture: SMALL_ARCHITECTURE });
afterAll(() => runner.close());

const embedding = numbers(CHANNELS * 64);
const rough = [numbers(MASK_SIDE ** 2, 5), numbers(MASK_SIDE ** 2, 5)];

/** One prompt of each kind, of 2 to 5 tokens. */
const PROMPTS: readonly PromptInput[] = [
  { pointCoords: [[20, 30]], pointLabels: [1] },
  {
    pointCoords: [
      [100, 90],
      [5.5, 64.25],
    ],
    pointLabels: [1, 0],
  },
  { boxXyxy: [10, 12, 90, 101] },
  {
    boxXyxy: [10, 12, 90, 101],
    pointCoords: [
      [40, 40],
      [50, 60],
      [1, 1],
    ],
    pointLabels: [0, 1, 1],
  },
  { pointCoords: [[127, 0]], pointLabels: [0] },
];

const FLAGS = [false, true];
const VARIANTS: readonly DecoderOptions[] = (["single", "three", "four"] as const).flatMap((masks) =>
  FLAGS.flatMap((maskInput) =>
    FLAGS.flatMap((ragged) => FLAGS.map((extraTokens) => ({ masks, maskInput, ragged, extraTokens }))),
  ),
);

function expectClose(actual: Decoded, expected: Decoded, tolerance = 1e-4): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(1, ...expected.lowResLogits.map(Math.abs));
  expect(maxDifference(actual.lowResLogits, expected.lowResLogits)).toBeLessThan(tolerance * scale);
  expect(maxDifference(actual.iouPredictions, expected.iouPredictions)).toBeLessThan(tolerance);
}

/** Without the ragged variant, prompts of one length; masks on some of them. */
function promptsFor({ maskInput, ragged }: DecoderOptions, count: number): PromptInput[] {
  const list = ragged ? PROMPTS : [PROMPTS[0]!, PROMPTS[2]!, PROMPTS[4]!, PROMPTS[0]!, PROMPTS[2]!];
  return list
    .slice(0, count)
    .map((prompt, i) => (maskInput && i % 2 === 1 ? { ...prompt, maskInput: rough[i >> 1]! } : prompt));
}

describe("the fast decoder", () => {
  for (const options of VARIANTS) {
    test(`equals the plain one with ${JSON.stringify(options)}`, async () => {
      for (const count of [1, 5]) {
        const extraTokens = { data: numbers(count * 2 * CHANNELS), count: 2 };
        const prompts = packPrompts(promptsFor(options, count));
        const packed = options.extraTokens ? { ...prompts, extraTokens } : prompts;
        const plain = await runner.run("plain", options, embedding, packed);
        const fast = await runner.run("fast", options, embedding, packed);
        const masks = { single: 1, three: 3, four: 4 }[options.masks];
        expect(plain.shape).toEqual([count, masks, MASK_SIDE, MASK_SIDE]);
        expectClose(fast, plain);
      }
    });
  }
});

test("the fast decoder equals the plain one for many points, too", async () => {
  const options = { masks: "four", maskInput: false, ragged: false, extraTokens: false } as const;
  const pointCoords = Array.from({ length: 40 }, (_, i) => [(i * 37) % 128, (i * 53) % 128] as const);
  const packed = packPrompts([{ pointCoords, pointLabels: pointCoords.map((_, i) => i % 2) }]);
  const plain = await runner.run("plain", options, embedding, packed);
  expectClose(await runner.run("fast", options, embedding, packed), plain);
});

describe.each(["plain", "fast"] as const)("the %s decoder", (form) => {
  const ragged: DecoderOptions = { masks: "four", maskInput: true, ragged: true, extraTokens: false };

  test("gives each prompt of a ragged batch what it gives it alone", async () => {
    const prompts = promptsFor(ragged, 5);
    const together = await runner.run(form, ragged, embedding, packPrompts(prompts));
    for (const [i, prompt] of prompts.entries()) {
      const alone = packPrompts([prompt]);
      const expected = await runner.run(form, { ...ragged, ragged: false }, embedding, alone);
      const size = expected.lowResLogits.length;
      const slice: Decoded = {
        shape: expected.shape,
        lowResLogits: together.lowResLogits.slice(i * size, (i + 1) * size),
        iouPredictions: together.iouPredictions.slice(4 * i, 4 * i + 4),
      };
      expectClose(slice, expected, 1e-5);
    }
  });

  test("looks at a mask only where the prompt says it has one", async () => {
    const [point] = PROMPTS;
    const without = { masks: "four", maskInput: false, ragged: false, extraTokens: false } as const;
    const expected = await runner.run(form, without, embedding, packPrompts([point!]));
    const packed = {
      ...packPrompts([point!]),
      maskInput: rough[0]!,
      hasMaskInput: Float32Array.of(0),
    };
    const options = { ...without, maskInput: true };
    expectClose(await runner.run(form, options, embedding, packed), expected, 1e-5);
    const used = await runner.run(form, options, embedding, { ...packed, hasMaskInput: Float32Array.of(1) });
    expect(maxDifference(used.lowResLogits, expected.lowResLogits)).toBeGreaterThan(1e-2);
  });

  test("answers a prompt that is a mask alone", async () => {
    const packed = packPrompts([{ maskInput: rough[0]! }]);
    expect(packed.ragged).toBe(true);
    const alone = await runner.run(form, ragged, embedding, packed);
    expect(alone.lowResLogits.every(Number.isFinite)).toBe(true);
    const other = await runner.run(form, ragged, embedding, packPrompts([{ maskInput: rough[1]! }]));
    expect(maxDifference(alone.lowResLogits, other.lowResLogits)).toBeGreaterThan(1e-2);
  });

  test("takes the order of the extra tokens as it takes that of the points: as no matter", async () => {
    const options = { masks: "three", maskInput: false, ragged: false, extraTokens: true } as const;
    const packed = packPrompts([PROMPTS[0]!]);
    const [a, b] = [numbers(CHANNELS), numbers(CHANNELS)];
    const run = (data: Float32Array, count: number) =>
      runner.run(form, options, embedding, { ...packed, extraTokens: { data, count } });
    const first = await run(Float32Array.of(...a, ...b), 2);
    expectClose(await run(Float32Array.of(...b, ...a), 2), first, 1e-5);
    expect(maxDifference((await run(a, 1)).lowResLogits, first.lowResLogits)).toBeGreaterThan(1e-3);
  });
});
