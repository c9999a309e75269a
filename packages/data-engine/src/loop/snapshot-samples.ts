import type { Annotation, Dataset, DatasetRecord } from "@segany/dataset";
import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import type { ModelIo } from "@segany/sam";
import { openTrainingSet, type TrainingSample } from "@segany/training";
import type { Provenance, WorkEvent } from "../annotations/annotation.js";
import type { Context, Db } from "../context.js";

/** The masks of a version's data as samples, in two parts. */
export interface SnapshotSamples {
  readonly training: readonly TrainingSample[];
  readonly validation: readonly TrainingSample[];
}

/**
 * Reads the revisions of masks that a version is made of. They never change, so that a training that is
 * begun again has the same data.
 *
 * @param model the one to be trained: masks that it can't see are left out
 * @throws TrainingError `data-empty` if a part has nothing to train on
 */
export async function snapshotSamples(
  { db }: Pick<Context, "db">,
  version: string,
  { model, readImage, signal }: SnapshotOptions,
): Promise<SnapshotSamples> {
  const read = async (role: keyof SnapshotSamples) => {
    const clicks = new Map<number, Clicks>();
    const data = snapshotDataset(db, { version, role, readImage, clicks });
    const { samples } = await openTrainingSet({ data, model, signal });
    return samples.map((sample) => ({
      ...sample,
      masks: sample.masks.map((mask) => ({ ...mask, ...clicks.get(mask.id) })),
    }));
  };
  return { training: await read("training"), validation: await read("validation") };
}

export interface SnapshotOptions {
  readonly model: Pick<ModelIo, "imageSide" | "fit" | "maskSide">;
  /** Reads an image's file. */
  readonly readImage: (id: string) => Promise<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** What is known of how a mask was clicked. */
type Clicks = Pick<TrainingSample["masks"][number], "firstClick">;

interface Snapshot extends Pick<SnapshotOptions, "readImage"> {
  readonly version: string;
  readonly role: string;
  /** Receives the clicks, by the annotation's number. */
  readonly clicks: Map<number, Clicks>;
}

function snapshotDataset(db: Db, { version, role, readImage, clicks }: Snapshot): Dataset {
  return {
    name: `the ${role} masks of a model version`,
    format: "segany",
    categories: [],
    async *records() {
      let number = 0;
      for (const { id, width, height } of await imagesOf(db, version, role)) {
        const annotations = (await masksOf(db, version, id)).map(({ mask, provenance }): Annotation => {
          clicks.set(++number, firstClickOf(provenance.events ?? []));
          const box = { bboxXywh: rleToBoxXywh(mask), area: rleArea(mask) };
          return { id: number, segmentation: mask, ...box, isCrowd: false };
        });
        const image = { id: number, fileName: id, width, height, open: () => readImage(id) };
        yield { image, annotations } satisfies DatasetRecord;
      }
    },
  };
}

const imagesOf = (db: Db, version: string, role: string) =>
  db
    .selectFrom("model_version_mask")
    .innerJoin("image", "image.id", "model_version_mask.image_id")
    .select(["image.id", "image.width", "image.height"])
    .distinct()
    .where("version_id", "=", version)
    .where("role", "=", role)
    .orderBy("image.id")
    .execute();

async function masksOf(db: Db, version: string, image: string) {
  const rows = await db
    .selectFrom("model_version_mask")
    .innerJoin("annotation_revision", (join) =>
      join
        .onRef("annotation_revision.annotation_id", "=", "model_version_mask.annotation_id")
        .onRef("annotation_revision.number", "=", "model_version_mask.revision"),
    )
    .select(["annotation_revision.mask_json", "annotation_revision.provenance_json"])
    .where("version_id", "=", version)
    .where("image_id", "=", image)
    .orderBy("annotation_revision.annotation_id")
    .execute();
  return rows.map(({ mask_json, provenance_json }) => ({
    mask: JSON.parse(mask_json!) as Rle,
    provenance: JSON.parse(provenance_json) as Provenance,
  }));
}

/** The first click, if it said what belongs to the object. */
function firstClickOf(events: readonly WorkEvent[]): Clicks {
  const click = events.find(({ kind }) => kind === "click");
  const [x, y] = Array.isArray(click?.point) ? click.point : [];
  const isUsable = click?.label === 1 && Number.isFinite(x) && Number.isFinite(y);
  return isUsable ? { firstClick: [x as number, y as number] } : {};
}
