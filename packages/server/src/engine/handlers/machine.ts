import type { statisticsRoutes, workItemRoutes } from "../../contract/engine/machine.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";

/** Statistics. */
export const statisticsHandlers: EngineHandlers<typeof statisticsRoutes> = {
  getStatistics: ({ parts: { statistics }, params }) => statistics.overview(params.project),
  listStatistics: ({ parts: { statistics }, params, query }) =>
    statistics.list(params.project, defined(query)),
  getStatisticsTable: ({ parts: { qualityTables }, params, query }) =>
    qualityTables.read(params.project, defined(query)),
  async getStatisticsCsv({ parts: { qualityTables, members }, params, query }) {
    const { rows } = await qualityTables.read(params.project, defined(query));
    const { statisticsCsv } = await import("@segany/data-engine"); // a server without data engine loads none
    if (query.by !== "person") return statisticsCsv(rows);
    const names = new Map((await members.list(params.project)).map(({ person, name }) => [person, name]));
    return statisticsCsv(rows.map((row) => ({ ...row, key: names.get(row.key) ?? row.key })));
  },
  getQueueHealth: ({ parts: { statistics }, params }) => statistics.queueHealth(params.project),
};

/** Work of the machine. */
export const workItemHandlers: EngineHandlers<typeof workItemRoutes> = {
  async listWork({ parts: { workQueue }, params, query }) {
    const { items, next } = await workQueue.list({ ...defined(query), project: params.project });
    return { items, after: next };
  },
  async listAllWork({ parts: { workQueue }, query }) {
    const { items, next } = await workQueue.list(defined(query));
    return { items, after: next };
  },
  getWorkItem: ({ parts: { workQueue }, params }) => workQueue.get(params.work),
  cancelWork: ({ parts: { workQueue }, params }) => workQueue.cancel(params.work),
  runWorkAgain: ({ parts: { workQueue }, params }) => workQueue.runAgain(params.work),
};
