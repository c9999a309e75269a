import { existsSync } from "node:fs";
import { join } from "node:path";
import staticFiles from "@fastify/static";
import type { FastifyInstance } from "fastify";

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Segany</title>
<p>The server is running, but the studio's files are missing. Install <code>@segany/studio</code> (in a checkout: run
<code>npm run build</code>), then start the server again.
The API is described at <a href="/openapi.json">/openapi.json</a>.`;

/** Serves the studio's built files. Their names contain a content hash, so clients may cache them forever. */
export async function addStudioFiles(app: FastifyInstance, directory: string | undefined): Promise<void> {
  if (!directory || !existsSync(join(directory, "index.html"))) {
    app.get("/", async (_request, reply) => reply.type("text/html").send(NOT_BUILT));
    return;
  }
  await app.register(staticFiles, {
    root: directory,
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.startsWith(join(directory, "assets"));
      reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}
