/**
 * Writers of formats that are made with a library for XML, YAML or PNG, in Node and in browsers alike; those
 * without are in `@segany/dataset/formats`.
 */
export { cvatWriter } from "./formats/cvat/write-cvat.js";
export { createLabelmeWriter } from "./formats/labelme/write-labelme.js";
export { vocWriter } from "./formats/voc/write-voc.js";
export { yoloWriter } from "./formats/yolo/write-yolo.js";
