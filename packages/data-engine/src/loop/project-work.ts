import { createHash, randomUUID } from "node:crypto";
import { encodeRle, type Mask } from "@segany/masks";
import type { TrainingSample } from "@segany/training";
import type { AnnotationChange, AnnotationSource, Provenance, WorkEvent } from "../annotations/annotation.js";
import type { DataEngine } from "../open-data-engine.js";
import type { TaskImage } from "../work/tasks.js";

/** A mask as it goes into the project, with how it came to be. */
export interface FinishedMask {
  readonly mask: Mask;
  readonly source: AnnotationSource;
  readonly events: readonly WorkEvent[];
  readonly scores?: Readonly<Record<string, number>>;
}

/** Images of a simulation, in the engine's form, with their samples. */
export interface SimulatedImage extends TaskImage {
  readonly sample: TrainingSample;
}

/** Takes a sample's file into account: its hash is the image's id. */
export async function simulatedImage(sample: TrainingSample): Promise<SimulatedImage> {
  const id = createHash("sha256")
    .update(await sample.open())
    .digest("hex");
  return { id, name: sample.fileName, ...sample.size, sample };
}

/** Where the simulated annotator works. */
export interface Workplace {
  readonly engine: DataEngine;
  readonly project: string;
  readonly person: string;
  readonly model: { readonly name: string; readonly hash: string };
}

/**
 * Pulls images of the queue one by one and stores the masks that `work` makes of each, as a person's desk
 * does.
 */
export async function workThrough(
  { engine, project, person, model }: Workplace,
  images: ReadonlyMap<string, SimulatedImage>,
  work: (image: SimulatedImage) => Promise<readonly FinishedMask[]>,
): Promise<void> {
  for (;;) {
    const lock = await engine.queue.next(person, project);
    if (!lock) return;
    const finished = await work(images.get(lock.image)!);
    const changes = finished.map(({ mask, source, events, scores }): AnnotationChange => {
      const provenance: Provenance = { source, model, events, ...(scores && { scores }) };
      const ids = { change: randomUUID(), annotation: randomUUID(), base: 0 };
      return { ...ids, kind: "put", mask: encodeRle(mask), provenance };
    });
    await engine.annotations.save(lock, changes);
    await engine.locks.done(lock);
    const left = await engine.jobs.images(lock.job);
    if (left.every(({ state }) => state !== "open")) await engine.transitions.complete(person, lock.job);
  }
}
