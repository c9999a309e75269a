/**
 * Arithmetic of the image encoder's linear layers: `fp32` as trained, or `int8` with weights of one byte,
 * scaled by column, and activations brought to one byte as they come. The decoder is always fp32.
 */
export type Precision = "fp32" | "int8";
