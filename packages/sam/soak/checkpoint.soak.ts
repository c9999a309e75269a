import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elementCount } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { expect, test } from "vitest";
import { fuzzCheckpoints } from "../../graph/src/testing/fuzz-checkpoints.js";
import { writeTorchZip } from "../../graph/src/testing/write-torch-zip.js";
import { inferArchitecture } from "../src/families/sam/infer-architecture.js";
import { publishedDecoder, randomCheckpoint, vitHuge } from "../src/testing/random-checkpoint.js";

const gibibyte = 2 ** 30;

test("ten thousand damaged checkpoints are each refused with a clear error or open with sound tensors", async () => {
  const { refused, opened } = await fuzzCheckpoints(10_000, 2);
  expect(refused + opened).toBe(10_000);
});

test("a ViT-H checkpoint of 2.5 GB is read tensor by tensor in far less memory than its size", async () => {
  const folder = await mkdtemp(join(tmpdir(), "segany-"));
  try {
    const path = join(folder, "vit_h.pth");
    await writeTorchZip(path, randomCheckpoint(vitHuge));
    expect((await stat(path)).size).toBeGreaterThan(2.5e9);
    const state = await openCheckpointFile(path);
    const { name, architecture } = inferArchitecture(state.tensors);
    const { encoder, decoder } = architecture;
    expect({ name, encoder, decoder }).toEqual({
      name: "vit_h",
      encoder: vitHuge,
      decoder: publishedDecoder,
    });
    for (const [key, { shape }] of state.tensors) {
      expect((await state.load(key)).length).toBe(elementCount(shape));
      expect(process.memoryUsage().rss).toBeLessThan(1.5 * gibibyte);
    }
    await state.close();
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
});
