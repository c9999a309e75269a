import { describe, expect, it } from "vitest";
import { readSet } from "../testing/read-set.js";

const image = { id: 1, file_name: "a.png", width: 40, height: 30 };
const mark = { id: 1, image_id: 1, category_id: 1, segmentation: [[4, 4, 24, 4, 24, 14, 4, 14]] };

describe("texts of other encodings", () => {
  // {"shapes": [ … "label": "猫" / "狗" … ]} in GB2312: two classes that must not become one.
  const shape = (label: Buffer) =>
    Buffer.concat([
      Buffer.from('{"label": "'),
      label,
      Buffer.from('", "shape_type": "polygon", "points": [[0, 0], [4, 0], [4, 4]]}'),
    ]);
  const file = Buffer.concat([
    Buffer.from('{"imagePath": "a.png", "imageWidth": 9, "imageHeight": 9, "shapes": ['),
    shape(Buffer.from([0xc3, 0xa8])),
    Buffer.from(", "),
    shape(Buffer.from([0xb9, 0xb7])),
    Buffer.from("]}"),
  ]);

  it("are refused as UTF-8, and read when the user says which", async () => {
    const { images, problems } = await readSet({ "a.json": file });
    expect(images).toEqual([]);
    expect(problems[0]).toMatch(/is not text in UTF-8; give its encoding \(--encoding gb18030/);
    const read = await readSet({ "a.json": file }, { encoding: "gb18030" });
    expect(read.images[0]![2].map((object) => object.split(" ")[0])).toEqual(["狗", "猫"].sort().reverse());
  });

  it("are read in COCO's files too, where a character may have a bracket's byte", async () => {
    const name = Buffer.from([0x81, 0x5c, 0x81, 0x7d]); // 乗亇… in GBK: bytes of \ and }
    const categories = [{ id: 1, name: "NAME" }];
    const [before, after] = JSON.stringify({ images: [image], annotations: [mark], categories }).split(
      "NAME",
    );
    const { images, problems } = await readSet(
      { "annotations.json": Buffer.concat([Buffer.from(before!), name, Buffer.from(after!)]) },
      { encoding: "gb18030" },
    );
    expect(problems).toEqual([]);
    expect(images[0]![2][0]).toMatch(/^\p{Script=Han}+ 200$/u);
  });
});
