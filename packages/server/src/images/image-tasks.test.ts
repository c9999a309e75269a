import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRle } from "@segany/masks";
import { encodePng } from "@segany/sam";
import { expect, onTestFinished, test } from "vitest";
import { writeCutOut } from "./image-tasks.js";

test.each([
  ["of the same number of pixels", 6, 2],
  ["that is larger than any image", 30_000, 30_000],
])("a mask %s is refused by its size before it is decoded", async (_name, width, height) => {
  const folder = await mkdtemp(join(tmpdir(), "segany-cut-out-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "image.png");
  await writeFile(path, await encodePng({ width: 4, height: 3, data: new Uint8ClampedArray(48).fill(255) }));
  const { counts } = encodeRle({ width: 4, height: 3, data: new Uint8Array(12).fill(1) });
  const task = { path, outputPath: join(folder, "out.png"), paddingPx: 0, maxPixels: 100 };
  await expect(
    writeCutOut({ ...task, segmentation: { size: [height, width], counts } }),
  ).rejects.toMatchObject({ code: "mask-invalid", message: expect.stringContaining("is not the image's") });
  expect(await readdir(folder)).toEqual(["image.png"]);
});
