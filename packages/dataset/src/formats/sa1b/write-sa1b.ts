import type { DatasetWriter } from "../format.js";
import { perImageWriter } from "../write-per-image.js";
import { sa1bHolds, toSa1b } from "./sa1b.js";

/**
 * SA-1B: for each image a JSON file with its masks, and the image beside it. One image is in memory at a
 * time.
 */
export const sa1bWriter: DatasetWriter = perImageWriter("sa1b", () => ({
  holds: sa1bHolds,
  imageFolder: "",
  isOurs: (name) => /\.(json|tar)$/i.test(name),
  *filesOf(record, stem, losses) {
    losses.addRecord(record);
    const fileName = nameBeside(stem, record.image.fileName);
    const written = toSa1b({ ...record, image: { ...record.image, fileName } });
    yield { name: `${stem}.json`, data: withFractions(JSON.stringify(written)) };
  },
}));

/** The name of an image relative to the folder of its JSON file, as in SA-1B's folders, if it is in there. */
function nameBeside(stem: string, fileName: string): string {
  const folder = stem.slice(0, stem.lastIndexOf("/") + 1);
  return fileName.startsWith(folder) ? fileName.slice(folder.length) : fileName;
}

/** Scores are fractions: readers in languages that tell 1 from 1.0 refuse whole numbers. */
function withFractions(json: string): string {
  return json.replace(/"(?:predicted_iou|stability_score)":-?\d+(?=[,}])/g, "$&.0");
}
