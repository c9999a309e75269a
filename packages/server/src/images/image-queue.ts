import { createClientTurns } from "../client-turns.js";
import { ServerError } from "../errors.js";

/** Work on an image that waits for a process. */
export interface WaitingImage<Process> {
  readonly isUpload: boolean;
  /** Who asked for it; undefined for the server itself. */
  readonly client: string | undefined;
  readonly begin: (process: Process) => void;
  readonly refuse: (error: ServerError) => void;
}

/** Uploads go first: renditions may wait longer. Then each client has its turn. */
export interface ImageQueue<Process> {
  /**
   * @throws ServerError `too-many-requests`, `overloaded`; not for uploads, which have a limit of their own
   */
  add(image: WaitingImage<Process>): void;
  /** Removes and returns the next one. */
  take(onlyUploads: boolean): WaitingImage<Process> | undefined;
  takeAll(): WaitingImage<Process>[];
  readonly length: number;
}

export function createImageQueue<Process>(maxQueued: number, maxPerClient: number): ImageQueue<Process> {
  const queue: WaitingImage<Process>[] = [];
  const turns = createClientTurns();

  function checkRoom(client: string | undefined): void {
    const waiting = queue.filter(({ isUpload }) => !isUpload);
    const ours = waiting.filter((other) => other.client === client).length;
    if (ours >= maxPerClient) throw tooMany("too-many-requests", `${ours} of your`);
    if (waiting.length >= maxQueued) throw tooMany("overloaded", `${waiting.length}`);
  }

  function choose(onlyUploads: boolean): WaitingImage<Process> | undefined {
    const upload = queue.find(({ isUpload }) => isUpload);
    if (upload || onlyUploads) return upload;
    return queue.toSorted((a, b) => turns.compare(a.client, b.client))[0];
  }

  return {
    add(image) {
      if (!image.isUpload) checkRoom(image.client);
      queue.push(image);
    },
    take(onlyUploads) {
      const chosen = choose(onlyUploads);
      if (!chosen) return undefined;
      queue.splice(queue.indexOf(chosen), 1);
      turns.serve(chosen.client);
      return chosen;
    },
    takeAll: () => queue.splice(0),
    get length() {
      return queue.length;
    },
  };
}

function tooMany(code: "too-many-requests" | "overloaded", which: string): ServerError {
  const message = `${which} images are waiting to be decoded; retry later.`;
  return new ServerError(code, message, { retryAfterS: 5 });
}
