import { createHmac } from "node:crypto";
import { type LookupAddress, lookup } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { checkUrl } from "./check-url.js";
import { isPublicAddress } from "./private-addresses.js";

/** A delivery on its way. */
export interface Post {
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Hex HMAC-SHA256 of the body, as CVAT sends it in `X-Signature-256`.
 *
 * @returns `sha256=…`
 */
export function signBody(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/**
 * Sends a delivery. The address that a name stands for is checked at the connection itself, so that it can't
 * be another one a moment later, and redirects are not followed: both would lead into private networks.
 *
 * @returns the status of the response
 * @throws DataEngineError `invalid` for a URL that may not be used; Error if no response came in time
 */
export async function post(delivery: Post): Promise<number> {
  const { body, secret, event, allowPrivate, timeoutMs, signal } = delivery;
  const url = checkUrl(delivery.url, allowPrivate);
  const bytes = Buffer.from(body);
  const headers = {
    "content-type": "application/json",
    "content-length": String(bytes.length),
    "user-agent": "segany",
    "x-segany-event": event,
    "x-signature-256": signBody(secret, body),
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers, agent: false, signal: limit } as const;
    const request = send(url, { ...options, ...(!allowPrivate && { lookup: lookupPublic }) });
    request.on("response", (response) => {
      resolve(response.statusCode!);
      response.destroy(); // nobody reads the body, however long it is
    });
    request.on("error", (error) =>
      reject(limit.aborted && !signal.aborted ? new Error(`No response in ${timeoutMs} ms.`) : error),
    );
    request.end(bytes);
  });
}

/** Looks a name up, and refuses it if any of its addresses is not public. */
const lookupPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "");
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused) return callback(new Error(`${host} is ${refused.address}: not on the public internet.`), "");
    if (options.all) return callback(null, addresses as LookupAddress[]);
    const { address, family } = addresses[0]!;
    callback(null, address, family);
  });
};
