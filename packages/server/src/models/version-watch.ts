/** A version of a project's model. */
export interface CurrentVersion {
  readonly id: string;
  /** From 0, the model that the project began with. */
  readonly number: number;
}

/** Which version a project uses, now and from now on. */
export interface VersionWatch {
  /** Undefined while it has none, or none that can be opened here: then it uses the server's model. */
  current(project: string): Promise<CurrentVersion | undefined>;
  /**
   * Calls the listener with the current version, and with each that takes its place, until the returned
   * function is called.
   */
  watch(project: string, listener: (version: CurrentVersion | undefined) => void): () => void;
}

/**
 * Interval at which the database is asked: versions are also chosen by other servers, and by commands beside
 * this one.
 */
const LOOK_EVERY_MS = 1000;

interface Watched {
  readonly listeners: Set<(version: CurrentVersion | undefined) => void>;
  /** Undefined until it is known. */
  last: { readonly version: CurrentVersion | undefined } | undefined;
}

/** Asks only for projects that somebody watches, and each once for all who do. */
export function createVersionWatch(current: VersionWatch["current"]): VersionWatch {
  const projects = new Map<string, Watched>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    for (const [project, watched] of projects) {
      const version = await current(project).catch(() => watched.last?.version); // the database is away
      if (watched.last && watched.last.version?.id === version?.id) continue;
      watched.last = { version };
      for (const listener of watched.listeners) listener(version);
    }
    isLooking = false;
    if (projects.size > 0) timer = setTimeout(() => void look(), LOOK_EVERY_MS).unref();
  }

  return {
    current,
    watch(project, listener) {
      const watched = projects.get(project) ?? { listeners: new Set(), last: undefined };
      projects.set(project, watched);
      watched.listeners.add(listener);
      if (watched.last) listener(watched.last.version);
      void look();
      return () => {
        watched.listeners.delete(listener);
        if (watched.listeners.size === 0) projects.delete(project);
      };
    },
  };
}
