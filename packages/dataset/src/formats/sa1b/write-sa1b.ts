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
    yield { name: `${stem}.json`, data: withFractions(JSON.stringify(toSa1b(record))) };
  },
}));

/** Scores are fractions: readers in languages that tell 1 from 1.0 refuse whole numbers. */
function withFractions(json: string): string {
  return json.replace(/"(?:predicted_iou|stability_score)":-?\d+(?=[,}])/g, "$&.0");
}
