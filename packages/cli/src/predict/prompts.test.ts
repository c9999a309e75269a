import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPrompts } from "./prompts.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-prompts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

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

describe("a file of prompts", () => {
  const readFile = async (text: string) => {
    const prompts = join(folder, "prompts.json");
    await writeFile(prompts, text);
    return readPrompts({ prompts });
  };
  const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

  it("gives its prompts", async () => {
    expect(await readFile('[{"point_coords": [[1, 2]], "point_labels": [1], "box": [0, 0, 3, 4]}]')).toEqual([
      { pointCoords: [[1, 2]], pointLabels: [1], box: [0, 0, 3, 4] },
    ]);
  });

  it.each([
    ["more prompts than are taken", `[${"{},".repeat(100_000)}{}]`, /has 100001 prompts; at most 100000/],
    [
      "more points than are taken",
      `[{"point_coords": [${"[1,1],".repeat(1000)}[1,1]]}]`,
      /prompt 1 has 1001 points; at most 1000/,
    ],
    ["a text that is none", '[{"text": {"toString": 1}}]', /prompt 1 has a text that is none/],
    ["a field that is unknown", '[{"\\u001b[2J": 1}]', /prompt 1 has an unknown field/],
    ["depth", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, /prompt 1/],
    ["nothing", "", /not JSON/],
  ])("is refused for %s", async (_what, text, message) => {
    await expect(readFile(text)).rejects.toMatchObject(refused("prompt-invalid", message));
  });

  it.each(["prompts", "maskInput"])("larger than any is refused before it is read: %s", async (option) => {
    const path = join(folder, "large");
    await writeFile(path, "");
    await truncate(path, 2 ** 40);
    await expect(readPrompts({ [option]: path })).rejects.toMatchObject(
      refused("file-unreadable", /at most 67108864/),
    );
  });
});
