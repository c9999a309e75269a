import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";

/**
 * Refuses another job where too many wait or run.
 *
 * @param ours those of the client, among `all`
 * @throws ServerError `too-many-requests`, `overloaded`
 */
export function checkRoom(
  all: number,
  ours: number,
  { maxQueuedWork, maxQueuedWorkPerClient }: Pick<Limits, "maxQueuedWork" | "maxQueuedWorkPerClient">,
): void {
  const retryAfterS = 10;
  if (ours >= maxQueuedWorkPerClient)
    throw new ServerError("too-many-requests", `${ours} of your jobs are waiting; retry later.`, {
      retryAfterS,
    });
  if (all >= maxQueuedWork)
    throw new ServerError("overloaded", `${all} jobs are waiting; retry later.`, { retryAfterS });
}
