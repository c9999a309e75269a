import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readEmbeddedIndex, rememberEmbeddedIndex } from "./node-embedded-index.js";

const folder = mkdtempSync(join(tmpdir(), "segany-index-"));
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
const index = {
  identity: "files",
  sha256: "abc",
  tensors: new Map([["a.weight", { dtype: "float32", shape: [2, 3] } as const]]),
};

describe("the index of the embedded weights", () => {
  it("is remembered for the same files only", async () => {
    await rememberEmbeddedIndex(folder, index);
    expect(await readEmbeddedIndex(folder, "files")).toEqual(index);
    expect(await readEmbeddedIndex(folder, "other files")).toBeUndefined();
  });

  it("is none when it is broken or missing, and costs nothing where it cannot be written", async () => {
    expect(await readEmbeddedIndex(folder, "files")).toBeUndefined();
    await rememberEmbeddedIndex(folder, index);
    const file = join(folder, "embedded-weights.json");
    const whole = readFileSync(file, "utf8");
    for (const damaged of [
      "{broken",
      whole.replace("abc", "abd"),
      whole.replace("[2,3]", "[3,2]"),
      whole.replace(/"check":"\w+"/, '"check":""'),
    ]) {
      expect(damaged).not.toBe(whole);
      writeFileSync(file, damaged);
      expect(await readEmbeddedIndex(folder, "files")).toBeUndefined();
    }
    await rememberEmbeddedIndex(join(folder, "embedded-weights.json"), index);
  });
});
