import type { Problem } from "@segany/dataset";

/** A problem as one line: its kind, its place as far as the message doesn't tell it, and what is wrong. */
export function problemLine({ code, file, record, field, message }: Problem): string {
  const place = [file, record, field === undefined ? undefined : `field "${field}"`].filter(
    (part) => part !== undefined && !message.includes(part),
  );
  return [code, ...(place.length > 0 ? [place.join(", ")] : []), message].join(": ");
}
