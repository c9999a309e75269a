import { describe } from "vitest";
import {
  box,
  corners,
  grey,
  greyMask,
  image,
  labelme,
  type Row,
  shape,
  testRows,
} from "../testing/odd-sets.js";

const unreadRows: readonly Row[] = [
  ["an empty folder", { files: {} }, 2, "format-unknown", "Found: nothing"],
  ["photos alone", { files: { "a.png": grey(), "b.png": grey() } }, 2, "Found: files a.png, b.png"],
  ["what is not there", { files: {}, path: "nothing" }, 1, "dataset-not-found"],
  [
    "COCO without annotations",
    { files: { "images.json": JSON.stringify({ images: [image] }), "images/a.png": grey() } },
    2,
    'no list "annotations"',
  ],
  [
    "YOLO without classes",
    { files: { "images/a.png": grey(), "labels/a.txt": box } },
    2,
    "Not yolo: it has labels such as labels/a.txt",
  ],
  [
    "YOLO without labels",
    { files: { "data.yaml": "names: [cat]\n", "images/a.png": grey() } },
    2,
    "Not yolo: it has data.yaml, but neither a folder labels",
  ],
  [
    "VOC without annotations",
    { files: { "JPEGImages/a.png": grey() } },
    2,
    "Not voc: it has JPEGImages, but neither",
  ],
  ["a file of LabelMe", { ...labelme([shape("polygon", ...corners)]), path: "a.json" }, 2, "name its folder"],
  [
    "masks that are neither PNGs nor JPEGs",
    { files: { "images/a.png": grey(), "masks/a.txt": "x" } },
    2,
    "it has a folder masks, but no PNG or JPEG in it",
  ],
  [
    "masks without images",
    { files: { "a_mask.png": greyMask(() => 1) } },
    2,
    "it has masks such as a_mask.png, but no images",
  ],
  [
    "a table of other columns",
    { files: { "train.csv": "name,mask\na,b\n", "a.png": grey() } },
    2,
    "train.csv has the columns",
    "not ImageId and EncodedPixels",
  ],
  [
    "a table of TensorFlow",
    { files: { "train.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,40,30,cat,1,1,5,5\n" } },
    2,
    "a table of TensorFlow",
  ],
  ["TFRecord", { files: { "train.tfrecord-00000-of-00001": "x" } }, 2, "TFRecord files, which are not read"],
  ["Parquet", { files: { "data/train-00000.parquet": "x" } }, 2, "Hugging Face data set in Parquet"],
  ["an archive", { files: { "set.zip": "x" }, path: "set.zip" }, 2, "an archive; unpack it first"],
  [
    "ISAT",
    {
      files: {
        "a.json": JSON.stringify({ info: { description: "ISAT", name: "a.png" }, objects: [] }),
        "a.png": grey(),
      },
    },
    2,
    "annotations of ISAT",
  ],
  [
    "Create ML",
    {
      files: {
        "a.json": JSON.stringify([
          {
            image: "a.png",
            annotations: [{ label: "cat", coordinates: { x: 1, y: 1, width: 2, height: 2 } }],
          },
        ]),
      },
    },
    2,
    "Create ML",
  ],
  ["volumes", { files: { "a.nii.gz": "x" } }, 2, "NIfTI or NRRD volumes"],
];

describe("segany dataset validate of what is no set", () => testRows(unreadRows));
