import type { FastifyInstance, FastifyRequest } from "fastify";
import type { EngineParts } from "../database/open-engine.js";
import { ServerError } from "../errors.js";
import type { OperationRule } from "../http/operation.js";
import { OPERATIONS } from "../http/operations.js";
import type { Services } from "../services.js";
import { signInFirst } from "./check-rule.js";
import type { Caller, Identify } from "./identify.js";

type SimpleRule = Exclude<OperationRule, object>;

const RULES: ReadonlyMap<string, OperationRule> = new Map(
  OPERATIONS.map(({ method, path, rule }) => [`${method.toUpperCase()} ${path}`, rule]),
);

/** The studio's files: the page that people sign in on. */
const FILES: ReadonlySet<string> = new Set(["/", "/*"]);

/**
 * Limits the routes that the data engine's table does not have, once people have accounts, to those who may
 * call them by `OPERATIONS`. A route that is not there is refused. Images of jobs are not deleted by anyone.
 */
export function guardRoutes(app: FastifyInstance, services: Services, identify: Identify): void {
  const { engine } = services;
  app.addHook("onRequest", async (request) => {
    const { url } = request.routeOptions;
    if (url === undefined || FILES.has(url)) return; // answered with 404, or a file of the page
    const rule = RULES.get(`${request.method === "HEAD" ? "GET" : request.method} ${url}`);
    if (rule === undefined) throw new ServerError("forbidden", `Nobody may call ${url}.`);
    if (typeof rule === "object" || rule === "anyone") return; // of the data engine's table
    if (await identify.hasAccounts()) await check(request, rule, services, identify);
    if (rule === "image" && request.method === "DELETE")
      await refuseUsedImage(request, await engine.ifPresent());
  });
}

async function check(
  request: FastifyRequest,
  rule: SimpleRule,
  { engine, jobs }: Services,
  identify: Identify,
): Promise<void> {
  const parts = await engine.open();
  const caller = await identify.callerOf(request, parts);
  if (!caller) throw signInFirst();
  const { person } = caller;
  request.visibleImages = (ids) => parts.access.visibleImages(person, ids);
  request.checkVersion = (version) => parts.access.require(person, "model", version, "worker");
  const { id = "" } = request.params as { id?: string };
  if (rule === "administrator" && !person.administrator)
    throw new ServerError("forbidden", "Only an administrator may do this.");
  if (rule === "image") await checkImage(caller, id, parts);
  if (rule === "job") {
    const job = await jobs.get(id);
    await checkImage(caller, job.imageId, parts);
  }
}

async function checkImage({ person }: Caller, id: string, { access }: EngineParts): Promise<void> {
  if (!(await access.maySeeImage(person, id)))
    throw new ServerError("not-found", `There is no image ${id.slice(0, 64)}, or not for you.`);
}

async function refuseUsedImage(request: FastifyRequest, parts: EngineParts | undefined): Promise<void> {
  const { id = "" } = request.params as { id?: string };
  if (parts && (await parts.access.isImageUsed(id)))
    throw new ServerError("conflict", "The image is in a task; images of tasks are not deleted.");
}
