import { access } from "node:fs/promises";
import type {
  Access,
  ApiTokens,
  AuditLog,
  Context,
  DataEngine,
  Invitations,
  Members,
  PasswordCost,
  People,
  Sessions,
  StoreLocation,
  Webhooks,
  WorkQueue,
} from "@segany/data-engine";

/** The parts of the data engine that the routes use, over one database. */
export interface EngineParts extends Omit<DataEngine, "store" | "context" | "close"> {
  readonly people: People;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly access: Access;
  readonly auditLog: AuditLog;
  readonly webhooks: Webhooks;
}

/**
 * The data engine of a server, opened when it is first needed: a server on which nobody uses it neither loads
 * its libraries nor has its file.
 */
export interface Engine {
  /** @throws DataEngineError `store-failed`, `store-newer`; the next call tries again */
  open(): Promise<EngineParts>;
  /** As `open`, but undefined while there is no database yet. */
  ifPresent(): Promise<EngineParts | undefined>;
  /** Calls the listener when the engine is opened, at once if it is. */
  onOpen(listener: (opened: OpenedEngine) => void): void;
  close(): Promise<void>;
}

export interface OpenedEngine extends Required<Pick<EngineOptions, "privateWebhooks">> {
  readonly parts: EngineParts;
  readonly context: Context;
  readonly location: StoreLocation;
}

export interface EngineOptions {
  /** Whether webhooks may be in private networks, and on this machine; false by default. */
  readonly privateWebhooks?: boolean | undefined;
  readonly now?: () => number;
  /** Wraps the queue of work. */
  readonly dispatch?:
    | ((queue: WorkQueue) => { readonly queue: WorkQueue; readonly close: () => Promise<void> })
    | undefined;
  /** Of new passwords; tests use a small one. */
  readonly passwordCost?: PasswordCost;
}

/**
 * @param location a file is created by `open`; a database that `DATABASE_URL` names is there from the start
 */
export function createEngine(location: StoreLocation, options: EngineOptions = {}): Engine {
  let opening: ReturnType<typeof openParts> | undefined;
  let isPresent = "url" in location;
  let opened: OpenedEngine | undefined;
  const listeners: ((opened: OpenedEngine) => void)[] = [];
  const open = async () => {
    opening ??= openParts(location, options).then(
      (engine) => {
        opened = engine;
        for (const listener of listeners.splice(0)) listener(engine);
        return engine;
      },
      (error) => {
        opening = undefined;
        throw error;
      },
    );
    return (await opening).parts;
  };
  return {
    open,
    async ifPresent() {
      isPresent ||= opening !== undefined || ("file" in location && (await exists(location.file)));
      return isPresent ? open() : undefined;
    },
    onOpen(listener) {
      if (opened) listener(opened);
      else listeners.push(listener);
    },
    async close() {
      await opening?.then(({ close }) => close()).catch(() => undefined);
    },
  };
}

async function openParts(
  location: StoreLocation,
  { now = Date.now, passwordCost, privateWebhooks = false, dispatch }: EngineOptions,
) {
  const library = await import("@segany/data-engine");
  const store = await library.openStore(location);
  const context = { db: store.db, now };
  const engine = library.createDataEngine(context);
  const dispatched = dispatch?.(engine.workQueue);
  const parts: EngineParts = {
    ...engine,
    workQueue: dispatched?.queue ?? engine.workQueue,
    people: library.createPeople(context, passwordCost),
    sessions: library.createSessions(context, passwordCost),
    tokens: library.createApiTokens(context),
    members: library.createMembers(context),
    invitations: library.createInvitations(context, passwordCost),
    access: library.createAccess(context),
    auditLog: library.createAuditLog(context),
    webhooks: library.createWebhooks(context, { allowPrivate: privateWebhooks }),
  };
  const close = async () => {
    await dispatched?.close();
    await store.close();
  };
  return { parts, context, location, privateWebhooks, close };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
