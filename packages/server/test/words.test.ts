import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../scripts/testing/shared-files.mjs";
import { createClient } from "./client.js";
import { createWorkplace } from "./server-process.js";
import { stillLife } from "./test-images.js";

const OWL = "fixtures/text/owlv2.safetensors";
const workplace = createWorkplace();

describe.skipIf(!haveSharedFiles(OWL))("a server with weights for words", () => {
  it("takes any words, and says by which engine and from which score on", async () => {
    const args = ["--workers", "1", "--text-model", sharedFile(OWL)];
    const { address } = await workplace.start(workplace.folder("owl"), args);
    const client = createClient(address);
    const { id } = await client.upload(stillLife, "still-life.jpg");
    const found = await client.predict(id, { text: "a flux capacitor", textThreshold: 0 });
    expect(found).toMatchObject({ text_engine: "owl", text_default_threshold: 0.1 });
    expect(found.masks[0]).toMatchObject({ label: "a flux capacitor", text_score: expect.any(Number) });
  });

  it("does not start with weights that can't be used", async () => {
    const refused = async (...args: string[]) => {
      const { status, output } = await workplace.run(workplace.folder("wrong"), ["--workers", "1", ...args]);
      return [status, output.trim().split("\n").at(-1)];
    };
    expect(await refused("--text-model", sharedFile(OWL), "--text-engine", "clip-rank")).toEqual([
      2,
      expect.stringMatching(/is for the engine owl, not for clip-rank.*\[option-invalid\]$/),
    ]);
    expect(await refused("--checkpoint", import.meta.filename)).toEqual([
      1,
      expect.stringMatching(/Is it a checkpoint\? \[checkpoint-invalid\]$/),
    ]);
  });
});
