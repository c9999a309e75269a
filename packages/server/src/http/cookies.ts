import type { FastifyReply, FastifyRequest } from "fastify";

/** The value of a cookie, decoded; undefined if there is none or it can't be decoded. */
export function readCookie({ headers: { cookie = "" } }: FastifyRequest, name: string): string | undefined {
  const value = new RegExp(`(?:^|;\\s*)${name}=([^;]*)`).exec(cookie)?.[1];
  try {
    return value && decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/**
 * Sets a cookie that scripts can't read and other sites' pages don't send. A page that was loaded over TLS
 * gets one that is never sent without.
 *
 * @param maxAgeS seconds until the browser drops it; missing for the end of the browser's session, 0 for now
 */
export function setCookie(
  { headers: { origin = "" } }: FastifyRequest,
  reply: FastifyReply,
  name: string,
  value: string,
  maxAgeS?: number,
): void {
  const parts = [`${name}=${encodeURIComponent(value)}`, "HttpOnly", "SameSite=Strict", "Path=/"];
  if (maxAgeS !== undefined) parts.push(`Max-Age=${maxAgeS}`);
  if (origin.startsWith("https:")) parts.push("Secure");
  void reply.header("set-cookie", parts.join("; "));
}
