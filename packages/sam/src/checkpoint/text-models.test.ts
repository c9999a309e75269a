import { expect, it } from "vitest";
import { modelVariants } from "./registry.js";
import { findTextModel, textModels } from "./text-models.js";

it("models for words have names and files of their own, and addresses with their hash", () => {
  const all = [...modelVariants.map(({ name }) => name), ...textModels.map(({ name }) => name)];
  expect(new Set(all).size).toBe(all.length);
  for (const { name, source } of textModels) {
    expect(findTextModel(name).source).toBe(source);
    if (source.kind === "linked") expect(source.url).toMatch(/^https:.*\/resolve\/.*\.safetensors$/);
    else expect(source.url).toMatch(new RegExp(`^https:.*/[0-9a-f]{64}/${source.fileName}$`));
    if (source.kind === "download") expect(source.url).toContain(source.sha256);
  }
  expect(() => findTextModel("clip")).toThrow(
    expect.objectContaining({ code: "model-unknown", message: expect.stringContaining("clip_vit_b32") }),
  );
});
