/**
 * Kind of the work that encodes the images of a task, so that annotators don't wait. It is queued with each
 * task. Payload: `{ task }`.
 */
export const EMBED_TASK = "embed-task";

/**
 * It may take hours, each time a server is killed an attempt ends, and what is encoded stays encoded. The
 * model runs in processes of its own, so the work can hardly be what ends its server.
 */
export const EMBED_ATTEMPTS = 30;
