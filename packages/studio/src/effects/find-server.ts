import type { ApiClient } from "../api/api-client.js";
import { messageOf } from "../errors.js";
import type { StudioStore } from "../state/studio-store.js";

/** A server that is there answers this at once, having its model open, unless its machine is very busy. */
const ANSWER_WITHIN_MS = 30_000;

/** Finds out whether this page comes from a Segany server, and so in which modes the model can run. */
export async function findServer(
  api: Pick<ApiClient, "isThere" | "model">,
  store: StudioStore,
): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    // A static host must not be asked for what it lacks: the console would call that an error.
    const isThere = await api.isThere({ signal });
    if (isThere) await api.model({ signal });
    store.set(() => ({ modes: isThere ? ["server-encodes", "browser", "server"] : ["browser"] }));
    return isThere;
  } catch (error) {
    store.notify("warning", `The server is there but does not help. ${messageOf(error)}`);
    store.set(() => ({ modes: ["browser"] }));
    return false;
  }
}
