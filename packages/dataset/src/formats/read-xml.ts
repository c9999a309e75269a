/** XML of annotation tools: read as a tree, without document types and entities of its own. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { DatasetError } from "../errors.js";
import { show } from "../json/fields.js";
import { numberOfText } from "../json/number-of-text.js";

/** An element: its attributes with `@` before their names, its children by name, its text as `#text`. */
export type XmlElement = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  // Entities are what XML bombs are made of; the five of XML itself and numbers are enough.
  processEntities: false,
});

/**
 * Reads a file. The parser bounds how deep elements may nest.
 *
 * @param where what to call the file in an error message
 * @throws DatasetError `annotation-invalid` for what is no XML, and for document types, which no annotation
 * needs
 */
export function parseXml(text: string, where: string): XmlElement {
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    throw invalidXml(where, "it has a document type or entities, which annotations never need");
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new Error(`line ${valid.err.line}: ${valid.err.msg}`);
    return parser.parse(text) as XmlElement;
  } catch (cause) {
    throw invalidXml(where, (cause as Error).message);
  }
}

/** The error for XML that can't be used. */
export function invalidXml(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: not a usable XML annotation: ${reason}.`);
}

/** The elements of a name in an element, in their order. */
export function elementsOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  const found = element && Object.hasOwn(element, name) ? element[name] : undefined;
  if (found === undefined) return [];
  return (Array.isArray(found) ? found : [found]).map((child) =>
    typeof child === "object" && child !== null ? (child as XmlElement) : { "#text": child },
  );
}

/** The first element of a name. */
export function elementOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return elementsOf(element, name)[0];
}

/**
 * The text of an element of a name, without spaces around it; undefined where there is none or it has
 * elements in it.
 */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  const text = elementOf(element, name)?.["#text"];
  return typeof text === "string" ? decodeEntities(text).trim() : undefined;
}

/** An attribute. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  const key = `@${name}`;
  const value = Object.hasOwn(element, key) ? element[key] : undefined;
  return typeof value === "string" ? decodeEntities(value) : undefined;
}

/**
 * A number in a text that must be one.
 *
 * @throws DatasetError `annotation-invalid`
 */
export function numberIn(text: string | undefined, name: string, where: string): number {
  const value = numberOfText(text);
  if (value !== undefined) return value;
  throw invalidXml(where, `<${name}> is ${show(text)}, not a number`);
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (all, name, decimal, hex) => {
      if (name !== undefined) return named[name.toLowerCase()] ?? all;
      const code = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
