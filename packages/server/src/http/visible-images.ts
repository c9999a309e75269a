import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Of these images, those that the sender may see; undefined where everyone may see all. */
    visibleImages: ((ids: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
  }
}

/** Declares that a request can be limited to some images. */
export function addVisibleImages(app: FastifyInstance): void {
  app.decorateRequest("visibleImages", undefined);
}
