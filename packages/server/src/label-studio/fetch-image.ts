import { Readable } from "node:stream";
import { ServerError } from "../errors.js";

/** A Label Studio whose images may be fetched. */
export interface LabelStudioAccess {
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** An access token of a user, of either kind; without one only images that need none are fetched. */
  readonly token?: string | undefined;
}

const TIMEOUT_MS = 30_000;

/**
 * Opens the image of a task: a `data:` address, or one of the Label Studio that the server was told of.
 * Nothing else is fetched, so that nobody can make the server look into its network.
 *
 * @throws ServerError `bad-request`
 */
export async function openTaskImage(
  address: string,
  access: LabelStudioAccess | undefined,
): Promise<Readable> {
  if (address.startsWith("data:")) return Readable.from([bytesOf(address)]);
  const shown = address.slice(0, 200);
  if (!access)
    throw new ServerError(
      "bad-request",
      `The image "${shown}" is not fetched: start the server with --label-studio URL, the address of your Label Studio.`,
    );
  const url = URL.canParse(address, access.url) ? new URL(address, access.url) : undefined;
  if (url?.origin !== new URL(access.url).origin)
    throw new ServerError(
      "bad-request",
      `The image "${shown}" is not at ${access.url}; only images there are fetched.`,
    );
  return fetchFrom(url, access);
}

function bytesOf(address: string): Buffer {
  const text = /^data:[^,]{0,200};base64,(.*)$/s.exec(address)?.[1];
  if (text === undefined) throw new ServerError("bad-request", "The image's data: address is not in base64.");
  return Buffer.from(text, "base64");
}

async function fetchFrom(url: URL, access: LabelStudioAccess): Promise<Readable> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const authorization = await authorizationOf(access, signal);
  const response = await request(url, { signal, redirect: "manual", headers: { ...authorization } });
  if (response.status !== 200 || !response.body)
    throw new ServerError(
      "bad-request",
      `Label Studio answered with ${response.status} for ${url.pathname.slice(0, 200)}; check the token in LABEL_STUDIO_API_KEY.`,
    );
  return Readable.fromWeb(response.body as never);
}

/** A personal access token is exchanged for one of a few minutes; a legacy token is sent as it is. */
async function authorizationOf({ url, token }: LabelStudioAccess, signal: AbortSignal) {
  if (token === undefined) return {};
  if (token.split(".").length !== 3) return { authorization: `Token ${token}` };
  const response = await request(new URL("/api/token/refresh", url), {
    ...{ method: "POST", signal, redirect: "manual", body: JSON.stringify({ refresh: token }) },
    headers: { "content-type": "application/json" },
  });
  const { access } = (await response.json().catch(() => ({}))) as { access?: unknown };
  if (typeof access !== "string")
    throw new ServerError(
      "bad-request",
      `Label Studio answered with ${response.status} to the token in LABEL_STUDIO_API_KEY; make a new one.`,
    );
  return { authorization: `Bearer ${access}` };
}

async function request(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new ServerError("bad-request", `Label Studio can't be reached at ${url.origin}.`, { cause });
  }
}
