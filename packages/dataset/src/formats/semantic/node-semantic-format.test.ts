import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.js";
import { apart, lossesOf, smallSet, writeAndRead } from "../../testing/mask-sets.js";
import { semanticFormat } from "./node-semantic-format.js";

describe("semantic label maps", () => {
  it("semantic joins the masks of a class and keeps ids as numbers of pixels", async () => {
    const { report, back } = await writeAndRead(await smallSet(apart), semanticFormat);
    expect(back.categories).toEqual([
      { id: 3, name: "cell, big" },
      { id: 5, name: 'a <b> & "c"' },
    ]);
    const one = (await collect(back)).find(({ image }) => image.fileName === "a/one.png")!;
    expect(one.annotations.map(({ categoryId, area }) => [categoryId, area])).toEqual([
      [3, 12],
      [5, 8],
    ]);
    expect(lossesOf(report)).toMatchObject({ instances: 1 });
    expect(lossesOf(report)).not.toHaveProperty("categoryIds");
  });
});
