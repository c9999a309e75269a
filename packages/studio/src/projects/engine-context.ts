/** The data engine and who is signed in, for every component below. */

import { createContext, useCallback, useContext, useEffect, useState } from "react";
import type { EngineClient, EngineSession } from "../api/engine.js";
import { messageOf } from "../errors.js";

export type SignedIn = NonNullable<EngineSession["person"]>;

/** What the page works with. */
export interface Engine {
  readonly engine: EngineClient;
  readonly person: SignedIn;
  /** Shows what went wrong; null takes it away. */
  readonly onError: (message: string | null) => void;
}

export const EngineContext = createContext<Engine | null>(null);

export function useEngine(): Engine {
  const context = useContext(EngineContext);
  if (!context) throw new Error("There is no EngineContext around this component.");
  return context;
}

/** Something that is loaded, and again after changes. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string | null;
  readonly reload: () => void;
}

/** @param load the same function for as long as the same is to be loaded */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<{ readonly value: T | null; readonly error: string | null }>({
    ...{ value: null, error: null },
  });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round loads again.
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => isWanted && setLoaded({ value, error: null }),
      (error: unknown) => isWanted && setLoaded(({ value }) => ({ value, error: messageOf(error) })),
    );
    return () => {
      isWanted = false;
    };
  }, [load, round]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { ...loaded, reload };
}

/** Does something and shows what goes wrong. */
export function useAct(): (work: () => Promise<unknown>) => Promise<void> {
  const { onError } = useEngine();
  return async (work) => {
    onError(null);
    try {
      await work();
    } catch (error) {
      onError(messageOf(error));
    }
  };
}
