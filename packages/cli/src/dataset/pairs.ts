import { safeFileName } from "@segany/dataset";
import { InvalidArgumentError } from "commander";

/** Adds one NAME=VALUE to earlier ones; the name ends at the last "=". */
export function addPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must have the form old=new.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Parses "train=0.8,val=0.2". */
export function parseRatios(text: string): Record<string, number> {
  const entries = text.split(",").map((part): [string, number] => {
    const [name = "", share = "", ...rest] = part.split("=");
    const value = share.trim() === "" ? Number.NaN : Number(share);
    const isName = /^[\w-]+$/.test(name.trim()) && safeFileName(name.trim()) === name.trim();
    if (rest.length > 0 || !isName || !Number.isFinite(value))
      throw new InvalidArgumentError(
        "It must have the form train=0.8,val=0.2; names become folders and may have letters, digits, - and _.",
      );
    return [name.trim(), value];
  });
  return Object.fromEntries(entries);
}

/** Adds one text to earlier ones. */
export function addText(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
