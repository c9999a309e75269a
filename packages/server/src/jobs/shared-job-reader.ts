import type { WorkItem, WorkQueue } from "@segany/data-engine";
import type { Job } from "../contract/jobs.js";
import { ServerError } from "../errors.js";
import { EVERYTHING, itemIdOfJob, sharedJobOf } from "./shared-job.js";

/** Items that are looked at to find those of a client, and a job's position. */
const LOOKED_AT = 1000;

/** Reads the jobs of servers that share a queue. */
export interface SharedJobReader {
  /** @throws ServerError `not-found` */
  find(id: string): Promise<WorkItem>;
  /** @throws ServerError `not-found` */
  get(id: string): Promise<Job>;
  /** Jobs that wait or run. */
  listOpen(): Promise<readonly WorkItem[]>;
}

export function createSharedJobReader(items: WorkQueue): SharedJobReader {
  async function find(id: string): Promise<WorkItem> {
    const item = await items.get(itemIdOfJob(id)).catch((error: Error & { code?: string }) => {
      if (error.code !== "not-found") throw error;
    });
    if (item?.kind !== EVERYTHING) throw new ServerError("not-found", `There is no job ${id}.`);
    return item;
  }

  return {
    find,
    async get(id) {
      const item = await find(id);
      if (item.state !== "queued") return sharedJobOf(item);
      const before = (await items.due(EVERYTHING, LOOKED_AT)).findIndex((other) => other.id === item.id);
      return sharedJobOf(item, before >= 0 ? before + 1 : undefined);
    },
    async listOpen() {
      const states = ["queued", "running"] as const;
      const pages = states.map((state) => items.list({ kind: EVERYTHING, state, limit: LOOKED_AT }));
      return (await Promise.all(pages)).flatMap(({ items: found }) => found);
    },
  };
}
