import { describe } from "vitest";
import {
  bndbox,
  box,
  corners,
  cvat,
  cvatImage,
  gb18030,
  grey,
  greyMask,
  image,
  labelme,
  type Row,
  SOUND,
  sa1b,
  shape,
  testRows,
  voc,
  yolo,
} from "../testing/odd-sets.js";

const textRows: readonly Row[] = [
  [
    "boxes among polygons",
    yolo(`${box}\n0 0.1 0.2 0.6 0.2 0.6 0.6\n`),
    0,
    "yolo: 1 images, 2 annotations, no problems",
  ],
  ["a pose", yolo(`${box} 0.1 0.1 2 0.9 0.9 1 0.5 0.2 0\n`), 1, "not-read", "keypoints"],
  ["a label of an unknown class", yolo(`${box}\n9 0.5 0.5 0.1 0.1\n`), 1, 'line 2: the class is "9"'],
  ["labels in pixels", yolo("0 100 100 20 30\n"), 1, "not a part of the image's width or height"],
  ["labels without an image", yolo(`${box}\n`, { "labels/z.txt": box }), 1, "belong to no image", "z.txt"],
  [
    "classes of one name",
    yolo(`${box}\n`, { "data.yaml": "names: [cat, cat]\n" }),
    1,
    "duplicate-category-name",
  ],
  ["a class that is no text", yolo(`${box}\n`, { "data.yaml": "names: [{a: 1}]\n" }), 1, "not a text"],
  ["YAML that is none", yolo(`${box}\n`, { "data.yaml": "names: [cat\n" }), 1, "dataset-invalid"],
  [
    "Darknet's labels",
    { files: { "obj.names": "cat\n", "obj_train_data/a.png": grey(), "obj_train_data/a.txt": box } },
    0,
    SOUND,
  ],
  [
    "LabelMe's lines and points",
    labelme([shape("linestrip", [1, 1], [2, 2]), shape("point", [1, 1]), shape("polygon", ...corners)]),
    1,
    "lines, which have no area",
    "keypoints",
  ],
  [
    "LabelMe's shape without points",
    labelme([shape("polygon", ...corners), shape("polygon")]),
    1,
    "mask-empty",
  ],
  [
    "LabelMe in another encoding",
    {
      files: {
        "a.json": gb18030(
          JSON.stringify({
            imagePath: "a.png",
            imageWidth: 40,
            imageHeight: 30,
            shapes: [shape("polygon", ...corners)],
          }),
        ),
        "a.png": grey(),
      },
    },
    1,
    "text-invalid",
    "--encoding",
  ],
  ["LabelMe without its image", labelme([shape("polygon", ...corners)], {}), 1, "unpaired-image"],
];

const toolRows: readonly Row[] = [
  [
    "COCO's results without their images",
    {
      files: {
        "results.json": JSON.stringify([{ image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }]),
      },
    },
    1,
    "results.json",
  ],
  [
    "Supervisely's lines",
    {
      files: {
        "meta.json": JSON.stringify({ classes: [{ title: "cat", shape: "any" }], tags: [] }),
        "ds/img/a.png": grey(),
        "ds/ann/a.png.json": JSON.stringify({
          size: { height: 30, width: 40 },
          tags: [],
          objects: [
            {
              classTitle: "cat",
              geometryType: "line",
              tags: [],
              points: {
                exterior: [
                  [1, 1],
                  [5, 5],
                ],
                interior: [],
              },
            },
          ],
        }),
      },
    },
    1,
    "lines, which have no area",
  ],
  [
    "DOTA's labels",
    {
      files: {
        "images/a.png": grey(),
        "labelTxt/a.txt": "imagesource:x\ngsd:1\n4 4 24 4 24 14 4 14 plane 0\n",
      },
    },
    0,
    "dota: 1 images, 1 annotations, no problems",
  ],
  ["VOC's boxes", voc(bndbox), 0, "voc: 1 images, 1 annotations, no problems"],
  ["VOC's box without corners", voc(`${bndbox}<object><name>cat</name></object>`), 1, "a.xml"],
  [
    "VOC's map with a number that is no class",
    voc(bndbox, { "SegmentationClass/a.png": greyMask((x) => (x < 9 ? 77 : 0)) }),
    1,
    "77",
  ],
  ["CVAT's polygons", cvat(cvatImage('<polygon label="cat" points="4,4;24,4;24,14;4,14"/>')), 0, SOUND],
  [
    "CVAT's lines, points and tags",
    cvat(
      cvatImage(
        '<polyline label="cat" points="1,1;5,5"/><points label="cat" points="1,1"/><tag label="cat"/>',
      ),
    ),
    1,
    "lines, which have no area",
    "keypoints",
    "tags",
  ],
  [
    "CVAT's tracks of a video",
    cvat(
      `${cvatImage("")}<track id="0" label="cat"><box frame="0" xtl="1" ytl="1" xbr="5" ybr="5"/></track>`,
    ),
    1,
    "videos",
  ],
  [
    "Label Studio's keypoints and relations",
    {
      files: {
        "tasks.json": JSON.stringify([
          {
            id: 1,
            file_upload: "a.png",
            data: { image: "a.png" },
            annotations: [
              {
                was_cancelled: false,
                result: [
                  {
                    type: "keypointlabels",
                    original_width: 40,
                    original_height: 30,
                    value: { x: 1, y: 1, keypointlabels: ["cat"] },
                  },
                  { type: "relation", from_id: "a", to_id: "b" },
                ],
              },
            ],
          },
        ]),
        "images/a.png": grey(),
      },
    },
    1,
    "keypoints",
    "relations",
  ],
  [
    "VIA's points",
    {
      files: {
        "via.json": JSON.stringify({
          "a.png1": {
            filename: "a.png",
            size: 1,
            regions: [
              { shape_attributes: { name: "point", cx: 3, cy: 3 }, region_attributes: { name: "cat" } },
            ],
            file_attributes: {},
          },
        }),
        "a.png": grey(),
      },
    },
    1,
    "keypoints",
  ],
  [
    "a Kaggle mask beyond its image",
    { files: { "train.csv": "ImageId,EncodedPixels\na.png,1190 20\n", "images/a.png": grey() } },
    1,
    "train.csv, line 2",
  ],
  [
    "SA-1B with an image that has no masks",
    { files: { "a.json": sa1b(), "a.png": grey(), "b.png": grey() } },
    1,
    "unpaired-masks",
    "b.png",
  ],
  ["SA-1B without points", { files: { "a.json": sa1b({ point_coords: [[]] }), "a.png": grey() } }, 0, SOUND],
  ["a shard that is cut off", { files: { "sa_000000.tar": Buffer.alloc(700, 1) } }, 1, "tar-invalid"],
  [
    "panoptic segments of another size",
    {
      files: {
        "annotations/panoptic_val.json": JSON.stringify({
          images: [image],
          categories: [{ id: 1, name: "cat", isthing: 1 }],
          annotations: [{ image_id: 1, file_name: "a.png", segments_info: [] }],
        }),
        "annotations/panoptic_val/a.png": grey(9, 9),
        "images/val/a.png": grey(),
      },
    },
    1,
    "9 x 9",
  ],
  [
    "a mask with soft edges",
    {
      files: {
        "images/a.png": grey(),
        "masks/a.png": greyMask((x) => Math.max(0, Math.min(255, (x - 10) * 40))),
      },
    },
    1,
    "soft edges",
  ],
  [
    "a mask without an image",
    {
      files: {
        "images/a.png": grey(),
        "masks/a.png": greyMask((x) => (x < 9 ? 1 : 0)),
        "masks/b.png": greyMask(() => 1),
      },
    },
    1,
    "b",
  ],
];

describe("segany dataset validate of YOLO and LabelMe", () => testRows(textRows));
describe("segany dataset validate of other tools", () => testRows(toolRows));
