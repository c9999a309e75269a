import { encode } from "fast-png";
import { expect, it } from "vitest";
import { makePng } from "../../testing/make-records.js";
import { readSet } from "../../testing/read-set.js";

const polygon = (...points: number[][]) =>
  `<polygon>${points.map(([x, y]) => `<pt><x>${x}</x><y>${y}</y></pt>`).join("")}</polygon>`;

const square = polygon([1, 1], [5, 1], [5, 4], [1, 4]);

it("LabelMe 3: polygons with their parts, boxes, masks; deleted objects are none", async () => {
  const alpha = Uint8Array.from({ length: 4 * 80 }, (_, i) => (i % 4 === 3 && i < 20 ? 153 : 0));
  const xml = `<annotation><filename>a.png</filename><folder>one</folder><source><sourceImage>x</sourceImage></source>
    <object><name>cat</name><deleted>0</deleted><occluded>yes</occluded><id>0</id><parts><hasparts>1</hasparts><ispartof></ispartof></parts>${square}</object>
    <object><name>cat</name><id>1</id><parts><hasparts></hasparts><ispartof>0</ispartof></parts>${polygon([6, 6], [8, 6], [8, 8], [6, 8])}</object>
    <object><name>dog</name><deleted>1</deleted><id>2</id>${square}</object>
    <object><name>dog</name><id>3</id><type>bounding_box</type>${polygon([2, 2], [6, 2], [6, 5], [2, 5])}</object>
    <object><name>dog</name><id>4</id><segm><mask>a_mask_4.png</mask></segm></object>
    <object><name>dog</name><id>5</id><segm><mask>../../../x.png</mask></segm></object>
    <imagesize><nrows>8</nrows><ncols>10</ncols></imagesize></annotation>`;
  const { format, images, problems } = await readSet({
    "Annotations/one/a.xml": xml,
    "Images/one/a.png": await makePng(10, 8),
    "Masks/one/a_mask_4.png": encode({ width: 10, height: 8, data: alpha, channels: 4, depth: 8 }),
  });
  expect(format).toBe("labelme-xml");
  expect(images).toEqual([["one/a.png", true, ["cat 16", "dog [2,2,4,3]", "dog 5"]]]);
  expect(problems).toEqual([expect.stringMatching(/object 5: the file name "\.\.\/.*" has an empty/)]);
});
