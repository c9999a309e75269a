import { SamError } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { COCO_CLASSES } from "../detector/coco-classes.js";
import { readCocoWords } from "./coco-words.js";
import { findClasses } from "./find-classes.js";

const names = [...COCO_CLASSES.values()];

function errorOf(text: string): SamError {
  try {
    findClasses(text);
  } catch (error) {
    if (error instanceof SamError) return error;
    throw error;
  }
  throw new Error(`"${text}" is known.`);
}

describe("words for classes", () => {
  it("has COCO's 80, and knows each by its own name and its plural", () => {
    expect(names).toHaveLength(80);
    for (const name of names) {
      expect(findClasses(name), name).toContain(name);
      expect(findClasses(`the ${name.toUpperCase()}s`), name).toContain(name);
    }
  });

  it("leads to classes of COCO only, from every word", () => {
    const words = readCocoWords();
    expect(words.size).toBeGreaterThan(400);
    for (const [word, classes] of words) {
      expect(names, word).toEqual(expect.arrayContaining([...classes]));
      expect(findClasses(word), word).toEqual([...classes]);
    }
  });

  it.each([
    ["puppy", ["dog"]],
    ["the puppies", ["dog"]],
    ["people", ["person"]],
    ["Policemen", ["person"]],
    ["wine glasses", ["wine glass"]],
    ["knives", ["knife"]],
    ["double-decker", ["bus"]],
    ["all of the sheep", ["sheep"]],
    ["fruit", ["banana", "apple", "orange"]],
    ["motor vehicles", ["car", "motorcycle", "bus", "truck"]],
    ["ｄｏｇ", ["dog"]], // full width
  ])("takes %s for %j", (text, classes) => {
    expect(findClasses(text)).toEqual(classes);
  });

  it("takes an animal for every class that is one, and nothing else", () => {
    const animals = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"];
    expect([...findClasses("animal")].sort()).toEqual(animals.sort());
  });

  it.each([
    ["bicicle", "bicycle"],
    ["red car", "car"],
    ["flux capacitor", "car"],
    ["כלב", "animal"], // right to left, like nothing that is known
  ])("refuses %s with words near it, such as %s", (text, near) => {
    const { code, message } = errorOf(text);
    expect(code).toBe("text-unknown");
    expect(message).toContain(text);
    expect(message.split("Near are: ")[1]).toContain(near);
  });

  it.each([
    ["", "empty"],
    [" \n ", "empty"],
    ["dog\u0000", "control characters"],
    ["dog\u001b[2J", "control characters"],
    ["\ud83d", "half a character"],
    ["dog ".repeat(2500), "at most 256"],
  ])("refuses %j", (text, reason) => {
    const { code, message } = errorOf(text);
    expect(code).toBe("prompt-invalid");
    expect(message).toContain(reason);
    expect(message.length).toBeLessThan(200);
  });
});
