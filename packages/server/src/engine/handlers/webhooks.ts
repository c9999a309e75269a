import type { webhookRoutes } from "../../contract/engine/webhooks.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";
import { toPage } from "./page.js";

/** Webhooks and their deliveries. */
export const webhookHandlers: EngineHandlers<typeof webhookRoutes> = {
  listWebhooks: ({ parts: { webhooks }, params }) => webhooks.list(params.project),
  createWebhook: ({ parts: { webhooks }, caller, params, body }) =>
    webhooks.create(caller.person.id, { ...defined(body), project: params.project }),
  async deleteWebhook({ parts: { webhooks }, caller, params }) {
    await webhooks.delete(caller.person.id, params.webhook);
    return undefined;
  },
  listDeliveries: async ({ parts: { webhooks }, params, query }) =>
    toPage(await webhooks.deliveries(params.webhook, defined(query)), query),
  redeliver: ({ parts: { webhooks }, params }) => webhooks.redeliver(params.webhook, params.delivery),
};
