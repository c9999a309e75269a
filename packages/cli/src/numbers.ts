import { InvalidArgumentError } from "commander";

/** Parses a number; commander adds the option's name to the error message. */
export function parseNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

/** Parses an integer of at least zero. */
export function parseCount(text: string): number {
  const value = parseNumber(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("It must be an integer, 0 or more.");
  return value;
}

/** Parses "a,b,c" with a given number of numbers. */
export function parseNumberList(text: string, lengths: readonly number[], example: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!lengths.includes(values.length) || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError(`It must have the form ${example}.`);
  }
  return values;
}

/** Parses an integer in a range. */
export function parseWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = parseCount(text);
    if (value < low || value > high)
      throw new InvalidArgumentError(`It must be an integer from ${low} to ${high}.`);
    return value;
  };
}

/** Parses a number from 0 to 1. */
export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError("It must be a number from 0 to 1.");
  return value;
}
