import { isIP } from "node:net";
import { DataEngineError } from "../errors.js";
import { isPublicAddress } from "./private-addresses.js";

const MAX_URL = 2000;

/**
 * Reads the address of a webhook. Names are looked up only when something is delivered.
 *
 * @param allowPrivate whether addresses of this machine and of private networks are allowed
 * @throws DataEngineError `invalid`
 */
export function checkUrl(text: string, allowPrivate: boolean): URL {
  if (text.length > MAX_URL || !URL.canParse(text)) throw refused("it is no address");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("it is not of http or https");
  if (url.username !== "" || url.password !== "") throw refused("it has a name or a password");
  const host = hostOf(url);
  if (!allowPrivate && (isPrivateName(host) || (isIP(host) !== 0 && !isPublicAddress(host))))
    throw refused(`${host} is not on the public internet`);
  return url;
}

/** The host without the brackets of an address of version 6. */
export const hostOf = (url: URL) => url.hostname.replace(/^\[(.*)\]$/, "$1");

const isPrivateName = (host: string) => /^localhost\.?$|\.(localhost|local|internal)\.?$/i.test(host);

const refused = (reason: string) =>
  new DataEngineError("invalid", `The webhook's URL can't be used: ${reason}. Give another one.`);
