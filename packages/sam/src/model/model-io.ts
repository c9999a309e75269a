/** Shapes of feature maps by name, 1 x channels x height x width. */
export type FeatureShapes = Readonly<Record<string, readonly number[]>>;

/**
 * How an image fills a model's square input. `pad`: its longer side is resized to the input's, and the rest is padding
 * on the right or below. `stretch`: both sides are resized to the input's.
 */
export type ImageFit = "pad" | "stretch";

/** What goes into a model and comes out of it: all that callers need to know of its network. Plain data. */
export interface ModelIo {
  /** Side of the encoder's square input, pixels. */
  readonly imageSide: number;
  readonly fit: ImageFit;
  /** The feature maps of an image, in the order of an embedding: first the one with the meaning of the image. */
  readonly features: FeatureShapes;
  /** Side of the square low-resolution logits: of masks that come out, and of a rough mask that goes in. */
  readonly maskSide: number;
  /** Length of a prompt token in the decoder's own space. */
  readonly tokenWidth: number;
}
