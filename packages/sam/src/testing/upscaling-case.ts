import fc from "fast-check";

const side = fc.integer({ min: 1, max: 70 });
/** For property tests: small random maps with sizes, a mask threshold and a stability offset. */
export const upscalingCase = fc
  .record({
    lowResSize: fc.integer({ min: 3, max: 20 }),
    growth: fc.integer({ min: 0, max: 40 }),
    width: side,
    height: side,
    inputWidth: fc.double({ min: 0, max: 1, noNaN: true }),
    inputHeight: fc.double({ min: 0, max: 1, noNaN: true }),
    threshold: fc.constantFrom(0, 0, -1, 0.3),
    offset: fc.constantFrom(0, 1, 2.5),
    step: fc.constantFrom(0, 1, 4),
    values: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 400, maxLength: 400, size: "max" }),
  })
  .map(({ lowResSize, growth, inputWidth, inputHeight, width, height, values, step, ...rest }) => {
    const modelSize = lowResSize + growth;
    const inputSize = {
      width: 1 + Math.floor(inputWidth * (modelSize - 1)),
      height: 1 + Math.floor(inputHeight * (modelSize - 1)),
    };
    // Whole and quarter logits put many upscaled values exactly on a threshold.
    const lowRes = Float32Array.from(values.slice(0, lowResSize ** 2), (v) =>
      step === 0 ? v * 0.1 : v / step,
    );
    return { lowResSize, modelSize, inputSize, originalSize: { width, height }, lowRes, ...rest };
  });
