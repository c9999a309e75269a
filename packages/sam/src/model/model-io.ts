/** Shapes of feature maps by name, 1 x channels x height x width. */
export type FeatureShapes = Readonly<Record<string, readonly number[]>>;

/**
 * How an image fills a model's square input. `pad`: its longer side is resized to the input's, and padding is
 * added on the right or below. `stretch`: both sides are resized to the input's.
 */
export type ImageFit = "pad" | "stretch";

/** Inputs and outputs of a model: all that callers need to know of its network. Plain data. */
export interface ModelIo {
  /** Side of the encoder's square input, pixels. */
  readonly imageSide: number;
  readonly fit: ImageFit;
  /** The feature maps of an image, in the order of an embedding: the semantic one first. */
  readonly features: FeatureShapes;
  /** Side of the square low-resolution logits, both of predicted masks and of mask prompts. */
  readonly maskSide: number;
  /** Length of an extra prompt token in the decoder's own space. */
  readonly tokenWidth: number;
}
