import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../convert/open-dataset.js";
import { collect } from "../testing/collect.js";
import { makePng } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { validate } from "../validate/validate.js";

const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
const image = '"width":6,"height":5,"file_name":"a.png"';
const mask = '"segmentation":{"size":[5,6],"counts":"n0"}';

const sets = [
  ["image", "sa1b", "a.json", `{"image":{"image_id":1,${image},"x":${deep}},"annotations":[]}`],
  [
    "own field",
    "sa1b",
    "a.json",
    `{"image":{"image_id":1,${image}},"annotations":[{"id":1,${mask},"x":${deep}}]}`,
  ],
  ["id", "sa1b", "a.json", `{"image":{"image_id":1,${image}},"annotations":[{"id":${deep},${mask}}]}`],
  [
    "runs",
    "sa1b",
    "a.json",
    `{"image":{"image_id":1,${image}},"annotations":[{"id":1,"segmentation":${deep}}]}`,
  ],
  ["shapes", "labelme", "a.json", `{"imagePath":"a.png","imageWidth":6,"imageHeight":5,"shapes":${deep}}`],
  ["image", "coco", "a.json", `{"images":[{"id":1,${image},"x":${deep}}],"annotations":[],"categories":[]}`],
  ["id", "coco", "a.json", `{"images":[],"annotations":[{"id":${deep}}],"categories":[]}`],
  ["info", "coco", "a.json", `{"info":${deep},"images":[],"annotations":[],"categories":[]}`],
] as const;

test.each(sets)(
  "a value nested 5,000 deep (%s) ends reading %s with an error of ours",
  async (_, format, name, text) => {
    const folder = await makeTemporaryFolder();
    await writeFile(join(folder, name), text);
    await writeFile(join(folder, "a.png"), await makePng(6, 5));
    const path = format === "coco" ? join(folder, name) : folder;
    const read = async () => collect(await openDataset(path, { format }));
    await expect(read()).rejects.toMatchObject({
      code: "json-invalid",
      message: expect.stringMatching(/deeper/),
    });
    const { problems } = await validate(path, { format });
    expect(JSON.stringify(problems)).toMatch(/deeper than 64 levels/);
  },
);
