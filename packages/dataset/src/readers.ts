/**
 * Readers of sets whose files are in memory, in Node and in browsers alike; those without a library are in
 * `@segany/dataset/formats`.
 */
export { readCvatFiles } from "./formats/cvat/read-cvat.js";
export type { FileSet, FileSetOptions, KnownImage, SetFiles } from "./formats/file-set.js";
export { type LabelmeFilesOptions, readLabelmeFiles } from "./formats/labelme/read-labelme.js";
export { readLabelStudioFiles } from "./formats/labelstudio/read-label-studio.js";
export { readVocFiles, type VocFilesOptions } from "./formats/voc/read-voc.js";
export { readYoloFiles } from "./formats/yolo/read-yolo.js";
export { type CheckPacked, createMaskPngDecoder, type MaskPngDecoder } from "./masks/decode-label-png.js";
export { withRecordsAsSeen } from "./orientation/as-seen.js";
export { type StoredSize, storedSizeOf } from "./orientation/frames.js";
export { createReadLossCounter, type ReadLoss, type ReadLossCounter } from "./read-losses.js";
