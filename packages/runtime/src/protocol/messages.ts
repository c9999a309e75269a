/**
 * What goes over a channel. Whatever else arrives, such as a message of a library in the same worker, is
 * ignored.
 */
import type { PlainError } from "./plain-error.js";

/** From the client. */
export type ToServer =
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly request: unknown }
  | { readonly kind: "cancel"; readonly id: number };

/** From the server. A reply or an error settles a call. */
export type ToClient =
  | { readonly kind: "reply"; readonly id: number; readonly reply: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "progress"; readonly id: number; readonly progress: unknown }
  | { readonly kind: "notice"; readonly notice: unknown };

export function isToServer(message: unknown): message is ToServer {
  if (!isRecord(message) || !isId(message.id)) return false;
  return message.kind === "cancel" || (message.kind === "call" && typeof message.method === "string");
}

export function isToClient(message: unknown): message is ToClient {
  if (!isRecord(message)) return false;
  if (message.kind === "notice") return true;
  if (!isId(message.id)) return false;
  return (
    message.kind === "reply" ||
    message.kind === "progress" ||
    (message.kind === "error" && isRecord(message.error) && typeof message.error.message === "string")
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): value is number {
  return typeof value === "number";
}
