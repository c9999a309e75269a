import sharp from "sharp";
import { describe } from "vitest";
import {
  coco,
  cocoOf,
  cocoText,
  gb18030,
  grey,
  image,
  mark,
  type Row,
  SOUND,
  square,
  testRows,
} from "../testing/odd-sets.js";

const cocoRows: readonly Row[] = [
  ["a sound set", coco([mark()]), 0, `coco: 1 images, 1 annotations, ${SOUND}`],
  ["a box alone", coco([mark({ segmentation: [], bbox: [1, 2, 3, 4] })]), 0, SOUND],
  [
    "fields with null, a flat polygon",
    coco([mark({ segmentation: square })], { info: null, licenses: null }),
    0,
    SOUND,
  ],
  ["ids as texts", coco([mark({ id: "64.0", image_id: "1", category_id: "1" })]), 0, SOUND],
  ["neither mask nor box", coco([mark(), mark({ id: 2, segmentation: [] })]), 1, "annotations 1 (id 2)"],
  ["a part of two points", coco([mark({ segmentation: [square, [1, 1, 2, 2]] })]), 1, "less than 3 corners"],
  ["half a corner", coco([mark({ segmentation: [[...square, 1]] })]), 1, "polygon-invalid"],
  ["an unknown class", coco([mark({ category_id: 7 })]), 1, "category-unknown", "category id 7"],
  ["a mask of no image", coco([mark(), mark({ id: 2, image_id: 9 })]), 1, "image-unknown"],
  ["an id that is there twice", coco([mark(), mark()]), 1, "duplicate-annotation-id"],
  [
    "two classes of one name",
    coco([mark()], {
      categories: [
        { id: 1, name: "cat" },
        { id: 2, name: "cat" },
      ],
    }),
    1,
    'both called "cat"',
  ],
  [
    "an id beyond 2^53",
    cocoOf(cocoText([mark()]).replace('"id":1,"image_id"', '"id":1152921504606846977,"image_id"')),
    1,
    "1152921504606846977",
  ],
  ["a wrong area", coco([mark({ area: 7 })]), 1, "area-mismatch"],
  ["a wrong box", coco([mark({ bbox: [0, 0, 5, 5] })]), 1, "box-mismatch"],
  ["a negative box beside a mask", coco([mark({ bbox: [4, 4, -1, 5] })]), 1, "box"],
  [
    "a mask of another size",
    coco([mark({ segmentation: { size: [5, 5], counts: [25] } })]),
    1,
    "size-mismatch",
  ],
  ["no image file", cocoOf(cocoText([mark()]), {}), 1, "unpaired-image", '"a.png" is not there'],
  [
    "an image of another size",
    cocoOf(cocoText([mark()]), { "images/a.png": grey(20, 30) }),
    1,
    "image-mismatch",
  ],
  ["a damaged image", cocoOf(cocoText([mark()]), { "images/a.png": "no image" }), 1, "image-unreadable"],
  [
    "a name in other capitals",
    cocoOf(cocoText([mark()]), { "images/A.PNG": grey() }),
    1,
    "differ in capitals",
  ],
  [
    "a name that leads out",
    coco([mark()], { images: [image, { ...image, id: 2, file_name: "../b.png" }] }),
    1,
    "name-unsafe",
  ],
  ["bytes that are no UTF-8", cocoOf(gb18030(cocoText([mark()]))), 1, "text-invalid", "--encoding"],
  [
    "the same with its encoding",
    { ...cocoOf(gb18030(cocoText([mark()]))), args: ["--encoding", "gb18030"] },
    0,
    SOUND,
  ],
  ["NaN", cocoOf(cocoText([mark({ area: "NAN" })]).replace('"NAN"', "NaN")), 1, "json-invalid"],
  ["a file that is cut off", cocoOf(cocoText([mark()]).slice(0, -20)), 1, "json-invalid"],
  [
    "parts, one of them without its image",
    {
      files: {
        "train/_annotations.coco.json": cocoText([mark()]),
        "train/a.png": grey(),
        "valid/_annotations.coco.json": cocoText([mark()]),
      },
    },
    1,
    "unpaired-image",
    "valid",
  ],
  [
    "sizes as stored, before EXIF's turn",
    cocoOf(cocoText([mark()]), {
      "images/a.png": sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } })
        .withMetadata({ orientation: 6 })
        .png()
        .toBuffer(),
    }),
    0,
    SOUND,
    "1 with sizes as stored",
  ],
];

describe("segany dataset validate of COCO", () => testRows(cocoRows));
