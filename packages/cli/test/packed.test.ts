import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkplace, type Finished } from "./run-segany.js";

const workplace = createWorkplace();
const PACKS = { SEGANY_PACK: "1" };

/** Names in the folder of built graphs. */
const graphs = () => readdirSync(join(workplace.path, "../cache/graphs"));
const packed = () => graphs().filter((name) => /\.packed-\w+$/.test(name));
const masks = () =>
  JSON.parse(readFileSync(join(workplace.path, "outputs/photo.predict.json"), "utf8")).masks;

async function click(): Promise<Finished> {
  const embedding = join(workplace.path, "../photo.safetensors");
  const args = ["--point", "610,430", "--embedding", embedding, "--no-picture", "--verbose"];
  const finished = await workplace.runWith(PACKS, "predict", "photo.jpg", ...args);
  expect(finished.status).toBe(0);
  return finished;
}

/** The decoder and its preparation, once the processes that pack them are done. */
const whenPacked = () =>
  expect.poll(() => [packed().length, graphs().filter((name) => name.endsWith(".partial"))]).toEqual([2, []]);

describe("packed copies of models", () => {
  it("are made when a model is opened again, used from then on, and made anew when they are damaged", async () => {
    await workplace.run("embed", "photo.jpg", "--output", "../photo.safetensors");
    expect((await click()).stderr).not.toContain("packed copy");
    const expected = masks();
    expect((await click()).stderr).toContain("is being made for the next time");
    await whenPacked();
    expect((await click()).stderr.match(/opened the packed copy/g)).toHaveLength(2);
    expect(masks()).toEqual(expected);
    for (const name of packed())
      truncateSync(join(workplace.path, "../cache/graphs", name, "weights.bin"), 99);
    const after = await click();
    expect(after.stderr.match(/is not as it was written/g)).toHaveLength(2);
    expect(after.stderr).toContain("is being made for the next time");
    expect(masks()).toEqual(expected);
    await whenPacked();
    expect((await workplace.run("cache", "info")).stdout.match(/packed copy/g)).toHaveLength(2);
    expect((await workplace.run("doctor", "--no-measure")).stdout).toMatch(
      /packed copies +no: SEGANY_PACK is 0/,
    );
    const doctor = await workplace.runWith(PACKS, "doctor", "--no-measure");
    expect(doctor.stdout).toMatch(/packed copies +yes: .*; 2 here/);
  });
});
