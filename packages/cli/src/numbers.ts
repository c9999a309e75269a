import { InvalidArgumentError } from "commander";

/** Reads a number of a command line; commander names the option in the message. */
export function parseNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

/** Reads a whole number of at least zero. */
export function parseCount(text: string): number {
  const value = parseNumber(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return value;
}

/** Reads "a,b,c" with a given number of numbers. */
export function parseNumberList(text: string, lengths: readonly number[], example: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!lengths.includes(values.length) || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError(`It must look like ${example}.`);
  }
  return values;
}

/** Reads a whole number between two others. */
export function parseWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = parseCount(text);
    if (value < low || value > high)
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };
}
