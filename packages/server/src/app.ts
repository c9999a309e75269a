import type { Server } from "node:http";
import multipart from "@fastify/multipart";
import Fastify, { type FastifyInstance } from "fastify";
import { addEngineEvents } from "./engine/add-engine-events.js";
import { addEngineRoutes } from "./engine/add-engine-routes.js";
import { guardRoutes } from "./engine/guard-routes.js";
import { createEngineHandlers } from "./engine/handlers.js";
import { createIdentify } from "./engine/identify.js";
import { tellPresence } from "./engine/tell-presence.js";
import { addBodyQuota } from "./http/body-quota.js";
import { addErrorHandler, answerFrameworkError, refuseWhenStopping } from "./http/error-handler.js";
import { createEventStreams, type EventStreams } from "./http/event-streams.js";
import { addHeaders } from "./http/headers.js";
import { addJsonBodies } from "./http/json-body.js";
import type { Listener } from "./http/listener.js";
import { logStream } from "./http/log.js";
import { addSecurity, type SecurityOptions } from "./http/security.js";
import { addStudioFiles } from "./http/studio-files.js";
import { createUploadSlots } from "./http/upload-slots.js";
import { addVisibleImages } from "./http/visible-images.js";
import type { ServerOptions } from "./options.js";
import { addClassRoutes } from "./routes/classes.js";
import { addEmbeddingRoutes } from "./routes/embeddings.js";
import { addImageRoutes } from "./routes/images.js";
import { addJobRoutes } from "./routes/jobs.js";
import { addKeptMaskRoutes } from "./routes/kept-masks.js";
import { addLabelStudioRoutes } from "./routes/label-studio.js";
import { addMaskRoutes } from "./routes/masks.js";
import { addModelRoutes } from "./routes/model.js";
import { addOperationRoutes } from "./routes/operations.js";
import type { Services } from "./services.js";

interface AppOptions
  extends SecurityOptions,
    Pick<ServerOptions, "studioDirectory" | "logLevel" | "log" | "trustedProxy" | "labelStudio"> {
  /** The server to handle requests of; it receives the app's `routing` when that is ready. */
  readonly listener?: Listener;
}

/** Creates the app: all routes over the given services. It does not listen yet. */
export async function createApp(
  services: Services,
  { listener, ...options }: AppOptions,
): Promise<FastifyInstance> {
  const { limits, engine } = services;
  const app = Fastify<Server>({
    ...(listener && { serverFactory: () => listener.server }),
    clientErrorHandler: () => undefined, // the listener handles them
    bodyLimit: limits.maxBodyBytes,
    logger: { level: options.logLevel ?? "warn", stream: logStream(options.log) },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError,
    routerOptions: { maxParamLength: 200 },
  });
  app.removeContentTypeParser("text/plain");
  addHeaders(app);
  addErrorHandler(app);
  refuseWhenStopping(app, services.stopping);
  const identify = createIdentify(engine, options.trustedProxy);
  addSecurity(app, options, identify.hasAccounts);
  addVisibleImages(app);
  guardRoutes(app, services, identify);
  tellPresence(app, engine);
  addBodyQuota(app, limits);
  const readJson = addJsonBodies(app);
  const streams = createEventStreams(services);
  await app.register(multipart, {
    limits: { files: 1, fields: 4, parts: 5, fieldSize: 1024, fileSize: limits.maxUploadBytes + 1 },
    throwFileSizeLimit: false,
  });
  const slots = createUploadSlots(limits, listener?.bodies);
  addImageRoutes(app, services, slots);
  addEmbeddingRoutes(app, services, streams);
  addMaskRoutes(app, services);
  addKeptMaskRoutes(app, services, readJson);
  addClassRoutes(app, services, readJson);
  addJobRoutes(app, services, streams);
  addModelRoutes(app, services);
  addOperationRoutes(app, services);
  addLabelStudioRoutes(app, services, options.labelStudio);
  addEngineEvents(app, services, identify, createModelStreams(services));
  addEngineRoutes(app, engine, identify, createEngineHandlers(services, slots));
  await addStudioFiles(app, options.studioDirectory);
  return app;
}

/** Streams that stay open as long as their pages; they take none of those that pages need for a moment. */
function createModelStreams({ limits: { maxModelStreams }, stopping }: Services): EventStreams {
  const limits = {
    maxEventStreams: maxModelStreams,
    maxEventStreamsPerClient: Math.ceil(maxModelStreams / 2),
  };
  return createEventStreams({ limits, stopping });
}
