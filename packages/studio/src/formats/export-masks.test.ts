import { describe, expect, it } from "vitest";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { drawnShape } from "../testing/document-parts.js";
import { exportMasks } from "./export-masks.js";

/** A picture with one mask for each name. */
function pictureWith(name: string, ...objects: readonly string[]) {
  const masks = objects.map((object) => ({ ...drawnShape("##"), name: object, source: "prompt" as const }));
  return {
    id: name,
    name,
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory(addObjects(EMPTY_DOCUMENT, masks)),
  } as const;
}

describe("COCO's one file of many pictures", () => {
  it("numbers its annotations through, and has one category for each name", async () => {
    const pictures = [
      pictureWith("a.jpg", "pear", "apple"),
      pictureWith("b.jpg", "pear"),
      pictureWith("c.jpg"),
    ];
    const { name, blob } = await exportMasks("coco", pictures);
    expect(name).toBe("annotations.json");
    const { images, annotations, categories } = JSON.parse(await blob.text());
    expect(images).toMatchObject([
      { id: 1, file_name: "a.jpg" },
      { id: 2, file_name: "b.jpg" },
    ]);
    const numbers = ["id", "image_id", "category_id"];
    expect(annotations.map((each: Record<string, number>) => numbers.map((key) => each[key]))).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 2, 1],
    ]);
    expect(categories).toMatchObject([
      { id: 1, name: "pear" },
      { id: 2, name: "apple" },
    ]);
  });

  it("is not written without a mask", async () => {
    await expect(exportMasks("coco", [pictureWith("c.jpg")])).rejects.toMatchObject({
      code: "nothing-to-export",
    });
  });
});
