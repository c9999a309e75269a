/**
 * ONNX Runtime's official builds report what they run to their makers, and keep a device number in the user's
 * folder for it, unless this variable is set before the library is loaded. Masks of private images are
 * nobody's business: it is off here, and `ORT_DISABLE_TELEMETRY=0` in the environment turns it on. To be
 * imported before `onnxruntime-node` wherever that is.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
