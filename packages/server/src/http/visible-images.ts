import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Of these images, those that the sender may see; undefined where everyone may see all. */
    visibleImages: ((ids: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
    /** Refuses a version of a model whose project the sender is not in; undefined where all may use all. */
    checkVersion: ((version: string) => Promise<unknown>) | undefined;
  }
}

/** Declares that a request can be limited to some images, and to models of some projects. */
export function addVisibleImages(app: FastifyInstance): void {
  app.decorateRequest("visibleImages", undefined);
  app.decorateRequest("checkVersion", undefined);
}
