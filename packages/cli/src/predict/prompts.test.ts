import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPrompts } from "./prompts.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-prompts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

async function readMask(data: Float32Array | Int32Array, shape: readonly number[]) {
  const maskInput = join(folder, "mask.npy");
  await writeFile(maskInput, writeNpy({ data, shape } as Parameters<typeof writeNpy>[0]));
  const [prompt] = await readPrompts({ maskInput });
  return prompt!.maskInput;
}

describe("a rough mask from a file", () => {
  it.each([[[256, 256]], [[1, 256, 256]]])("may have the shape %j", async (shape) => {
    expect(await readMask(new Float32Array(256 * 256).fill(2), shape)).toEqual(
      new Float32Array(256 * 256).fill(2),
    );
  });

  it.each([[[65536]], [[512, 128]], [[2, 256, 128]], [[3, 256, 256]], [[1, 1, 256, 256]], [[0]]])(
    "is refused with the shape %j",
    async (shape) => {
      await expect(readMask(new Float32Array(count(shape)), shape)).rejects.toMatchObject({
        code: "prompt-invalid",
        message: expect.stringContaining(`floats of shape [${shape.join(", ")}]`),
      });
    },
  );
});
