import { z } from "zod";
import type { EngineRoute } from "./route.js";
import { idSchema, pageOf, pageQuery, textSchema, timeSchema } from "./values.js";

const webhookSchema = z.strictObject({
  id: idSchema,
  project: idSchema,
  url: z.string(),
  /** `create:task`, `update:job`, … */
  events: z.array(z.string()),
  createdAt: timeSchema,
});

const deliverySchema = z.strictObject({
  id: idSchema,
  webhook: idSchema,
  event: z.string(),
  /** What is sent: JSON. */
  body: z.string(),
  attempt: z.int(),
  state: z.enum(["waiting", "delivered", "failed"]),
  /** Time of the next attempt while it waits. */
  nextAt: timeSchema,
  /** HTTP status of the last attempt; null if no response came. */
  status: z.int().nullable(),
  error: z.string().nullable(),
  createdAt: timeSchema,
});

const PROJECT = { who: "member", role: "maintainer", of: "project" } as const;
const WEBHOOK = { who: "member", role: "maintainer", of: "webhook" } as const;

/** Routes for webhooks: addresses that are told what happens in a project. */
export const webhookRoutes = {
  listWebhooks: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/webhooks", rule: PROJECT },
    summary: "The project's webhooks",
    answer: z.array(webhookSchema),
  },
  createWebhook: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/webhooks", rule: PROJECT, status: 201 },
    summary: "Tell an address what happens in a project; the answer has the secret of its signatures, once",
    body: z.strictObject({
      /** Of http or https. */
      url: textSchema(2000),
      events: z.array(textSchema(100)).min(1).max(50),
      /** At least 16 characters; a random one by default. */
      secret: textSchema(200).optional(),
    }),
    answer: webhookSchema.extend({ secret: z.string() }),
  },
  deleteWebhook: {
    ...{ method: "DELETE", url: "/v1/engine/webhooks/:webhook", rule: WEBHOOK },
    summary: "Delete a webhook, and what waits for it",
  },
  listDeliveries: {
    ...{ method: "GET", url: "/v1/engine/webhooks/:webhook/deliveries", rule: WEBHOOK },
    summary: "What was sent to a webhook and what came back, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(deliverySchema),
  },
  redeliver: {
    ...{ method: "POST", url: "/v1/engine/webhooks/:webhook/deliveries/:delivery/redelivery" },
    rule: WEBHOOK,
    summary: "Send a delivery again",
    answer: deliverySchema,
  },
} as const satisfies Record<string, EngineRoute>;
