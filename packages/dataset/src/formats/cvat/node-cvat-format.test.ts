import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const xml = (
  images: string,
  labels = "<label><name>cat</name></label><label><name>dog &amp; co</name></label>",
) =>
  `<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta><task><labels>${labels}</labels></task></meta>${images}</annotations>`;

it("CVAT: polygons, masks, boxes, turned boxes and ellipses of the images of a task", async () => {
  const { format, images, losses, problems, records } = await readSet({
    "annotations.xml": xml(`
      <image id="0" name="sub/a b.png" width="12" height="10">
        <polygon label="cat" points="1,1;5,1;5,4;1,4" occluded="1" group_id="0"><attribute name="fur">black</attribute></polygon>
        <mask label="dog &amp; co" rle="1, 2, 1" left="3" top="5" width="4" height="1"></mask>
        <box label="cat" xtl="0.5" ytl="1.00" xbr="4.5" ybr="3.00"></box>
        <box label="cat" xtl="2" ytl="2" xbr="6" ybr="4" rotation="90.0"></box>
        <ellipse label="cat" cx="6" cy="5" rx="3" ry="2"></ellipse>
        <polygon label="dog &amp; co" points="0,8;2,8;2,10;0,10" group_id="4"></polygon>
        <polygon label="dog &amp; co" points="8,8;10,8;10,10;8,10" group_id="4"></polygon>
        <polyline label="cat" points="1,1;2,2"></polyline>
        <points label="cat" points="1,1"></points>
        <tag label="cat"></tag>
      </image>
      <image id="1" name="b.png" width="12" height="10"></image>`),
    "images/sub/a b.png": await makePng(12, 10),
  });
  expect(format).toBe("cvat");
  expect(problems).toEqual([]);
  expect(images).toEqual([
    ["sub/a b.png", true, ["cat 12", "dog & co 8", "dog & co 2", "cat [0.5,1,4,2]", "cat 8", "cat 20"]],
    ["b.png", false, []],
  ]);
  expect(records[0]!.annotations[0]!.extra).toEqual({ occluded: 1, attributes: { fur: "black" } });
  expect(losses).toEqual({ imageTags: 1, keypoints: 1, lines: 1 });
});

it("CVAT: what is wrong with one shape is set aside; a document type, a deep file and a way out are refused", async () => {
  const image = (content: string) =>
    xml(`<image id="0" name="a.png" width="4" height="4">${content}</image>`);
  const { images, problems } = await readSet({
    "x.xml": image(
      '<polygon label="cat" points="0,0;2,x;2,2"></polygon><polygon label="cat" points="0,0;2,0;2,2;0,2"></polygon><mask label="cat" rle="9999999,1" left="0" top="0" width="4" height="4"></mask><box xtl="0" ytl="0" xbr="1" ybr="1"></box>',
    ),
  });
  expect(images[0]![2]).toEqual(["cat 4"]);
  expect(problems.map((message) => message.replace(/^.*x\.xml: /, ""))).toEqual([
    expect.stringContaining('polygon 1: not a usable XML annotation: the point "2,x"'),
    expect.stringContaining("mask 1: a mask of 10000000 pixels"),
    expect.stringContaining("box 1: not a usable XML annotation: it has no label"),
  ]);
  const bomb = image("&b;").replace("<annotations>", '<!DOCTYPE a [<!ENTITY b "bbbb">]><annotations>');
  const deep = xml("<image>".repeat(10_000));
  for (const text of [bomb, deep])
    await expect(readSet({ "x.xml": text })).rejects.toMatchObject({ code: "annotation-invalid" });
  const outside = await readSet({ "x.xml": image("").replace("a.png", "../../a.png") });
  expect(outside.problems[0]).toMatch(/only names inside the data set's folder/);
});

it("CVAT: images of a project are in the folders of their subsets, where two may have one name", async () => {
  const image = (subset: string, shapes: string) =>
    `<image id="0" name="a.png" subset="${subset}" task_id="1" width="12" height="10">${shapes}</image>`;
  const box = (right: number) => `<box label="cat" xtl="1" ytl="1" xbr="${right}" ybr="3"></box>`;
  const { images, problems } = await readSet({
    "annotations.xml": xml(image("train", box(4)) + image("Validation", box(6)) + image("../x", box(7))),
    "images/train/a.png": await makePng(12, 10),
    "images/Validation/a.png": await makePng(12, 10),
  });
  expect(images).toEqual([
    ["train/a.png", true, ["cat [1,1,3,2]"]],
    ["Validation/a.png", true, ["cat [1,1,5,2]"]],
  ]);
  expect(problems).toEqual([expect.stringContaining("only names inside the data set's folder")]);
});
