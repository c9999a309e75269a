import type { FastifyInstance } from "fastify";

/** `fetch` that asks the app without a network. */
export function fetchFrom(app: FastifyInstance): typeof fetch {
  return async (input, { method = "GET", headers, body } = {}) => {
    const { host, pathname, search } = new URL(String(input));
    const answer = await app.inject({
      method: method as "GET",
      url: pathname + search,
      headers: { host, ...(headers as Record<string, string>) },
      ...(typeof body === "string" && { payload: body }),
    });
    const hasBody = answer.statusCode !== 204 && answer.statusCode !== 304;
    return new Response(hasBody ? answer.body : null, { status: answer.statusCode });
  };
}
