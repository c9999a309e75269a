import type { Problem } from "@segany/dataset";

/** Formats a problem as one line: its kind, its position unless the message has it, and the message. */
export function problemLine({ code, file, record, field, message }: Problem): string {
  const place = [file, record, field === undefined ? undefined : `field "${field}"`].filter(
    (part) => part !== undefined && !message.includes(part),
  );
  return [code, ...(place.length > 0 ? [place.join(", ")] : []), message].join(": ");
}
