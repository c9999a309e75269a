import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const region = (shape_attributes: object, region_attributes: object = { class: "cat" }) => ({
  shape_attributes,
  region_attributes,
});

const square = { name: "polygon", all_points_x: [1, 5, 5, 1], all_points_y: [1, 1, 4, 4] };

it("VIA: polygons, circles and rectangles of an export and of a project, in lists or numbered", async () => {
  const regions = [
    region(square),
    region({ name: "rect", x: 2, y: 1, width: 3, height: 4 }, { kind: { cat: false, dog: true } }),
    region({ name: "circle", cx: 5, cy: 5, r: 2.5 }, {}),
    region({ name: "polyline", all_points_x: [1, 2], all_points_y: [1, 2] }),
    region({ name: "point", cx: 1, cy: 1 }),
    region({ name: "polygon", all_points_x: [1, "x", 3], all_points_y: [1, 1, 4] }),
  ];
  const exported = { "a.png12": { filename: "a.png", size: 12, regions, file_attributes: {} } };
  const numbered = { "a.png12": { filename: "a.png", size: 12, regions: { ...regions } } };
  const project = { _via_settings: {}, _via_img_metadata: exported };
  for (const content of [exported, numbered, project]) {
    const read = await readSet({
      "via.json": JSON.stringify(content),
      "images/a.png": await makePng(10, 10),
    });
    expect(read.format).toBe("via");
    expect(read.images).toEqual([["a.png", true, ["cat 12", "dog [2,1,3,4]", "- 16"]]]);
    expect(read.losses).toEqual({ keypoints: 1, lines: 1 });
    expect(read.problems).toEqual([expect.stringMatching(/region 6: polygon 0 .*not a list of numbers/)]);
  }
});

it("VIA: an image that is missing has no size, and is set aside", async () => {
  const content = { "a.png1": { filename: "a.png", size: 1, regions: [region(square)] } };
  const { images, problems } = await readSet({ "via.json": JSON.stringify(content) });
  expect(images).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('the image "a.png" is not there')]);
});
