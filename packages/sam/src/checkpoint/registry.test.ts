import { describe, expect, it } from "vitest";
import { findModelVariant, modelVariants, samModelRegistry } from "./registry.js";

describe("findModelVariant", () => {
  it("knows Meta's names, and default as ViT-H", () => {
    for (const name of ["vit_b", "vit_l", "vit_h", "mobile_sam"])
      expect(findModelVariant(name).name).toBe(name);
    expect(findModelVariant("default")).toBe(findModelVariant("vit_h"));
    expect(findModelVariant("vit_t")).toBe(findModelVariant("mobile_sam"));
  });

  it("lists what there is when asked for something else", () => {
    const listed = [...samModelRegistry.keys()].join(", ");
    for (const name of ["vit_x", "", "constructor"]) {
      expect(() => findModelVariant(name)).toThrow(
        expect.objectContaining({ code: "model-unknown", message: expect.stringContaining(listed) }),
      );
    }
  });
});

describe("modelVariants", () => {
  it("has whole hashes, addresses that end in the file's name, and Meta's names begin with their MD5", () => {
    for (const { source } of modelVariants) {
      if (source.kind === "embedded") continue;
      expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(source.url).toMatch(/^https:/);
      expect(source.url.endsWith(`/${source.fileName}`)).toBe(true);
      const digits = /_([0-9a-f]{6})\.pth$/.exec(source.fileName)?.[1];
      expect(source.md5?.slice(0, 6)).toBe(digits);
    }
  });

  it("names each model and each file once", () => {
    const names = modelVariants.map(({ name }) => name);
    const files = modelVariants.flatMap(({ source }) =>
      source.kind === "download" ? [source.fileName] : [],
    );
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(files).size).toBe(files.length);
  });
});
