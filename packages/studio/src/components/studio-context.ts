/** The studio, for every component below. */

import { createContext, useContext, useSyncExternalStore } from "react";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";

export const StudioContext = createContext<Studio | null>(null);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error("There is no StudioContext around this component.");
  return studio;
}

/**
 * A part of the state; the component draws itself anew when it has changed.
 *
 * @param select gives a part of the state itself, or a plain value, not a new object each time
 */
export function useStudioState<T>(select: (state: StudioState) => T): T {
  const { getState, subscribe } = useStudio();
  return useSyncExternalStore(subscribe, () => select(getState()));
}
