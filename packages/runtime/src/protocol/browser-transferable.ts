/** What of memory can be moved, each once: memory that threads share is not moved. */
export function transferable(buffers: readonly ArrayBufferLike[] = []): ArrayBuffer[] {
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
