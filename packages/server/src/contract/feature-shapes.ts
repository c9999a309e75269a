/**
 * The feature maps of an embedding in one header: `image_embeddings=1,256,64,64`, several separated by
 * semicolons.
 */

/** Shapes of feature maps by name, in the order of their values. */
export type FeatureShapes = Readonly<Record<string, readonly number[]>>;

/**
 * @example
 * console.log(writeFeatureShapes({ image_embeddings: [1, 256, 64, 64] })); // image_embeddings=1,256,64,64
 */
export function writeFeatureShapes(shapes: FeatureShapes): string {
  return Object.entries(shapes)
    .map(([name, shape]) => `${name}=${shape.join(",")}`)
    .join("; ");
}

/**
 * Parses the header.
 *
 * @returns undefined for a text that {@link writeFeatureShapes} does not write
 *
 * @example
 * console.log(readFeatureShapes("image_embeddings=1,256,64,64")); // { image_embeddings: [ 1, 256, 64, 64 ] }
 */
export function readFeatureShapes(text: string): FeatureShapes | undefined {
  const entries = text.split(";").map((part): [string, number[]] => {
    const [, name = "", sides = ""] = /^\s*([\w.-]+)=([\d,]+)\s*$/.exec(part) ?? [];
    return [name, sides.split(",").map(Number)];
  });
  const areShapes = entries.every(
    ([name, shape]) => name !== "" && shape.every((side) => Number.isSafeInteger(side) && side > 0),
  );
  return areShapes ? Object.fromEntries(entries) : undefined;
}
