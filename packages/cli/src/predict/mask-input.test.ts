import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, type ModelInfo, writeNpy } from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMaskFile, toMaskInput } from "./mask-input.js";

const model = { imageSide: 32, fit: "pad", maskSide: 8 } as ModelInfo;
const imageSize = { width: 16, height: 16 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-mask-input-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** Reads a file of these bytes, and converts it. */
async function convert(bytes: Uint8Array, index?: number) {
  const path = join(folder, "mask");
  await writeFile(path, bytes);
  const { logits, notices } = toMaskInput(await readMaskFile(path, index), { imageSize, model });
  return { logits: [...logits], notices: notices.map((notice) => notice.replace(path, "mask")) };
}

const npy = (data: Float32Array | Uint8Array, ...shape: number[]) => writeNpy({ data, shape });
const CONVERTED = ["mask: its values are a mask, not logits; they were converted to logits within ±10."];
/** The left half of 8 columns. */
const half = (width: number, count: number) =>
  Array.from({ length: count }, (_, i) => Number(i % width < width / 2));
const LEFT = half(8, 64).map((value) => (value ? 10 : -10));

describe("a rough mask", () => {
  it.each([
    ["[8, 8]", [8, 8]],
    ["[1, 8, 8]", [1, 8, 8]],
  ])("of logits is taken as it is: %s", async (_, shape) => {
    const logits = Float32Array.from({ length: 64 }, (_, i) => i - 32);
    expect(await convert(npy(logits, ...shape))).toEqual({ logits: [...logits], notices: [] });
  });

  it("of an image's size is scaled and converted, whatever its file", async () => {
    const values = half(16, 256);
    const rgba = Uint8ClampedArray.from({ length: 1024 }, (_, i) =>
      i % 4 === 3 || values[i >> 2] ? 255 : 0,
    );
    const files = [
      npy(Uint8Array.from(values), 16, 16),
      npy(
        Uint8Array.from(values, (value) => 255 * value),
        16,
        16,
      ),
      npy(Float32Array.from(values), 16, 16),
      await encodePng({ width: 16, height: 16, data: rgba }),
    ];
    for (const file of files) expect(await convert(file)).toEqual({ logits: LEFT, notices: CONVERTED });
  });

  it("of the logits' size is converted value by value", async () => {
    const mask = Uint8Array.from(half(8, 64));
    expect(await convert(npy(mask, 8, 8))).toEqual({ logits: LEFT, notices: CONVERTED });
    const { logits } = await convert(npy(new Float32Array(64).fill(0.75), 8, 8));
    expect(logits[0]).toBeCloseTo(Math.log(3), 6);
  });

  it("of several is the first, and said, or the one that is selected", async () => {
    const three = Float32Array.from({ length: 192 }, (_, i) => 2 + Math.floor(i / 64));
    const file = npy(three, 3, 8, 8);
    expect(await convert(file)).toEqual({
      logits: Array(64).fill(2),
      notices: ["mask: the first of 3 masks is used; --mask-index selects another."],
    });
    expect(await convert(file, 3)).toEqual({ logits: Array(64).fill(4), notices: [] });
    for (const index of [0, 4])
      await expect(convert(file, index)).rejects.toMatchObject({
        code: "prompt-invalid",
        message: expect.stringContaining(`--mask-index ${index}`),
      });
  });

  it.each([[[64]], [[1, 1, 8, 8]], [[0, 8]], [[0, 8, 8]]])("is refused with the shape %j", async (shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    await expect(convert(npy(new Float32Array(count), ...shape))).rejects.toMatchObject({
      code: "prompt-invalid",
      message: expect.stringContaining(`the shape [${shape.join(", ")}]`),
    });
  });

  it("is refused where it has another size", async () => {
    await expect(convert(npy(new Uint8Array(60), 6, 10))).rejects.toMatchObject({
      code: "prompt-invalid",
      message: expect.stringContaining("10 x 6 pixels; the image has 16 x 16"),
    });
  });
});
