/**
 * Kind of the work that encodes the images of a task, so that annotators don't wait. It is queued with each
 * task. Payload: `{ task }`.
 */
export const EMBED_TASK = "embed-task";
