import type { NewWork } from "./work-item.js";

/** Kind of the work that encodes the images of a task, so that annotators don't wait. */
export const EMBED_TASK = "embed-task";

/** Payload of {@link EMBED_TASK}: some of the task's images, in their order; all without a range. */
export interface EmbedWork {
  readonly task: string;
  /** Number of the first image, and of the one after the last. */
  readonly range?: readonly [start: number, end: number];
}

/** Images of one item: machines share a large task, and little is lost with an attempt. */
const IMAGES_AT_ONCE = 100;

/**
 * An item may take hours, each time a server is killed an attempt ends, and what is encoded stays encoded.
 * The model runs in processes of its own, so the work can hardly be what ends its server.
 */
const ATTEMPTS = 30;

/** The work that is queued with each task. @param images how many it has */
export function embedWork(task: string, project: string, images: number): NewWork[] {
  const one = { kind: EMBED_TASK, project, maxAttempts: ATTEMPTS };
  if (images <= IMAGES_AT_ONCE) return [{ ...one, payload: { task } satisfies EmbedWork }];
  return Array.from({ length: Math.ceil(images / IMAGES_AT_ONCE) }, (_, i) => {
    const range = [i * IMAGES_AT_ONCE, Math.min((i + 1) * IMAGES_AT_ONCE, images)] as const;
    return { ...one, payload: { task, range } satisfies EmbedWork };
  });
}
