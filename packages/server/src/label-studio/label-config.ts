import { ServerError } from "../errors.js";

/** The tags of a labelling configuration that masks are for. */
export interface LabelTags {
  /** Name of the image's tag, and the field of a task with its address. */
  readonly image: { readonly name: string; readonly field: string };
  /** The tag that gets masks, preferably a brush. */
  readonly target: { readonly name: string; readonly type: "brushlabels" | "polygonlabels" };
}

const MAX_CONFIG = 200_000;

/**
 * Finds the image and the tag for masks in a project's configuration (XML). Names of several images or tags:
 * the first of each.
 *
 * @throws ServerError `bad-request` for a configuration without these
 */
export function readLabelConfig(xml: string): LabelTags {
  if (xml.length > MAX_CONFIG)
    throw new ServerError("bad-request", `The labelling configuration has ${xml.length} characters.`);
  const image = findTag(xml, "Image");
  const field = image?.get("value")?.replace(/^\$/, "");
  const name = image?.get("name");
  if (!name || !field) throw missing('Image with a name and a value such as "$image"');
  for (const tag of ["BrushLabels", "PolygonLabels"] as const) {
    const target = findTag(xml, tag)?.get("name");
    if (target)
      return {
        image: { name, field },
        target: { name: target, type: tag === "BrushLabels" ? "brushlabels" : "polygonlabels" },
      };
  }
  throw missing("BrushLabels or PolygonLabels");
}

/** The attributes of the first tag of a name. */
function findTag(xml: string, tag: string): ReadonlyMap<string, string> | undefined {
  const attributes = new RegExp(`<${tag}\\s([^<]*?)/?>`).exec(xml)?.[1];
  if (attributes === undefined) return undefined;
  const pairs = attributes.matchAll(/([A-Za-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return new Map([...pairs].map(([, key, double, single]) => [key!, unescapeXml(double ?? single ?? "")]));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name]!);
}

const missing = (what: string) =>
  new ServerError("bad-request", `The labelling configuration has no ${what}; add it to the project.`);
