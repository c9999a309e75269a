/** Low-resolution logits as the contract sends them: little-endian float32 in base64. */

import { bytesToBase64 } from "../base64.js";

export function toBase64(logits: Float32Array): string {
  return bytesToBase64(new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
}

export function fromBase64(base64: string): Float32Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}
