import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.js";
import { makePng } from "../../testing/make-records.js";
import { lay } from "../../testing/mask-sets.js";
import { makeTemporaryFolder } from "../../testing/temporary-folder.js";
import { labelmeFormat } from "./node-labelme-format.js";

describe("LabelMe", () => {
  it("LabelMe's rectangles, circles, groups and files of Windows are read, points left out", async () => {
    const path = await makeTemporaryFolder();
    const shape = (shape_type: string, points: number[][], more = {}) => ({
      label: "a",
      shape_type,
      points,
      ...more,
    });
    await lay(path, {
      "img/a.png": await makePng(8, 8),
      "json/a.json": JSON.stringify({
        imagePath: "..\\img\\a.png",
        imageHeight: 8,
        imageWidth: 8,
        shapes: [
          shape(
            "rectangle",
            [
              [6, 6],
              [4, 4],
            ],
            { group_id: 1 },
          ),
          shape("point", [[1, 1]]),
          shape(
            "circle",
            [
              [2, 2],
              [2, 4],
            ],
            { group_id: 1 },
          ),
          shape(
            "polygon",
            [
              [0, 0],
              [2, 0],
              [2, 2],
            ],
            { label: "b", flags: { odd: true } },
          ),
        ],
      }),
    });
    const [record] = await collect(await labelmeFormat.read(path));
    expect(record!.image.fileName).toBe("img/a.png");
    expect(record!.image.bytes).toBeDefined();
    expect(record!.annotations.map(({ area, bboxXywh, extra }) => [area, bboxXywh, extra])).toEqual([
      [4 + 12, [0, 0, 6, 6], undefined],
      [3, [0, 0, 2, 2], { flags: { odd: true } }],
    ]);
  });

  it("LabelMe: NaN, masks that don't fit and images outside of the folder are refused", async () => {
    const shapes = [
      [
        {
          label: "a",
          shape_type: "polygon",
          points: [
            [null, 0],
            ["x", 1],
            [2, 2],
          ],
        },
        "annotation-invalid",
      ],
      [
        {
          label: "a",
          shape_type: "polygon",
          points: [
            [1e308, 0],
            [0, 1],
            [2, 2],
          ],
        },
        "annotation-invalid",
      ],
      [
        {
          label: "a",
          shape_type: "mask",
          points: [
            [0, 0],
            [1, 1],
          ],
          mask: "AAAA",
        },
        "annotation-invalid",
      ],
      [
        {
          shape_type: "rectangle",
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        "annotation-invalid",
      ],
    ] as const;
    const read = async (json: object) => {
      const path = join(await makeTemporaryFolder(), "set");
      await lay(path, {
        "a.json": JSON.stringify({ imageHeight: 4, imageWidth: 4, imagePath: "a.png", ...json }),
      });
      return collect(await labelmeFormat.read(path));
    };
    for (const [shape, code] of shapes)
      await expect(read({ shapes: [shape] })).rejects.toMatchObject({ code });
    for (const imagePath of ["../../etc/passwd", "..\\..\\a.png", "/", "a\u0000.png"])
      await expect(read({ shapes: [], imagePath })).rejects.toMatchObject({ code: "name-unsafe" });
    // Of an absolute path the last part is looked for in the set's own folder.
    const [{ image } = { image: undefined }] = await read({ shapes: [], imagePath: "/etc/passwd" });
    expect(image).toMatchObject({ fileName: "passwd", bytes: undefined });
  });
});
