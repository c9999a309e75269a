import type { Rle } from "@segany/masks";
import { type MaskRuns, rleToRuns } from "@segany/masks";
import type { Sam } from "@segany/sam";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { acceptedMasks } from "../models/accepted-masks.js";
import type { LearnedConfidence, StageRun } from "../stages/stage-run.js";
import { type CandidateOptions, findCandidates, GOOD_CANDIDATE } from "./candidates.js";
import { type JudgedCandidate, judgeCandidates, learnConfidence } from "./confidence.js";
import { readPixels } from "./read-pixels.js";

/** Images that confidence is learned from, at most. */
const MOST_IMAGES = 40;

export interface LearnOptions extends CandidateOptions {
  readonly readImage: (id: string) => Promise<Uint8Array>;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Learns how sure a model may be, from accepted masks of images that it was not trained on: what everything
 * mode finds there is compared with them.
 *
 * @throws DataEngineError `conflict` if no accepted image is left for that
 */
export async function learnFromProject(
  { db }: Pick<Context, "db">,
  { project, version, settings }: StageRun,
  sam: Sam,
  options: LearnOptions,
): Promise<LearnedConfidence> {
  const images = await unseenImages(db, project, version !== null);
  if (images.length === 0)
    throw new DataEngineError(
      "conflict",
      "No accepted image is left that the model was not trained on: accept some first, so that it can be learned which masks are good.",
    );
  const judged: JudgedCandidate[] = [];
  let learned = 0;
  for (const [done, image] of images.entries()) {
    options.onProgress(done, images.length);
    const pixels = await readPixels(() => options.readImage(image), options.signal);
    if ("problem" in pixels) continue;
    learned++;
    const candidates = await findCandidates(sam, pixels, options);
    judged.push(...judgeCandidates(image, candidates, await masksOf(db, project, image), GOOD_CANDIDATE));
  }
  const { model = null, threshold, heldBack } = learnConfidence(judged, settings.precision);
  return { model, threshold, images: learned, heldBack };
}

/** In the order of their hashes, which is as good as a random one. */
async function unseenImages(db: Db, project: string, isTrained: boolean): Promise<readonly string[]> {
  const accepted = acceptedMasks(db, project).select("annotation.image_id").distinct();
  const unseen = isTrained
    ? accepted.where("annotation.image_id", "not in", (eb) =>
        eb
          .selectFrom("model_version_mask")
          .innerJoin("model_version", "model_version.id", "model_version_mask.version_id")
          .select("model_version_mask.image_id")
          .where("model_version.project_id", "=", project)
          .where("model_version_mask.role", "=", "training"),
      )
    : accepted;
  const rows = await unseen.orderBy("annotation.image_id").limit(MOST_IMAGES).execute();
  return rows.map(({ image_id }) => image_id);
}

async function masksOf(db: Db, project: string, image: string): Promise<MaskRuns[]> {
  const rows = await acceptedMasks(db, project)
    .innerJoin("annotation_revision", (join) =>
      join
        .onRef("annotation_revision.annotation_id", "=", "annotation.id")
        .onRef("annotation_revision.number", "=", "annotation.revision"),
    )
    .select("annotation_revision.mask_json")
    .where("annotation.image_id", "=", image)
    .execute();
  return rows.map(({ mask_json }) => rleToRuns(JSON.parse(mask_json!) as Rle));
}
