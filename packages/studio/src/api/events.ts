import { StudioError } from "../errors.js";
import { parseAnswer, type Schema } from "./request.js";

/** An event as the contract's schemas have it. */
interface ServerEvent {
  readonly event: string;
}

/** Which events there are, and when it is over. */
export interface ListenOptions<T extends ServerEvent> {
  readonly schema: Schema<T>;
  readonly names: readonly T["event"][];
  readonly signal: AbortSignal;
  /** Whether this event is the last. What it throws ends listening and is passed on. */
  readonly onEvent: (event: T) => boolean;
}

/**
 * Listens to server-sent events until the last one. Interruptions are bridged by the browser; the server then
 * begins with how things stand.
 *
 * @throws StudioError `server-unreachable`, `answer-invalid`, what `onEvent` throws
 */
export function listen<T extends ServerEvent>(
  url: string,
  { schema, names, signal, onEvent }: ListenOptions<T>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url);
    const end = (settle: () => void) => {
      source.close();
      signal.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => end(() => reject(new DOMException("Nobody listens any more.", "AbortError")));
    const hear = (event: string, data: string) => {
      try {
        const isLast = onEvent(parseAnswer(`{"event":${JSON.stringify(event)},"data":${data}}`, schema));
        if (isLast) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    for (const name of names) {
      source.addEventListener(name, (message: MessageEvent<string>) => hear(name, message.data));
    }
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      end(() => reject(new StudioError("server-unreachable", "The server broke off its report.")));
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}
