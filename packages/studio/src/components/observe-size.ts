import type { Size } from "@segany/masks";

/**
 * Hears of an element's size, also of the first.
 *
 * @param onSize gets the pixels of the screen under the element; null from browsers that don't tell these
 * @returns ends it
 */
export function observeSize(element: Element, onSize: (covered: Size | null) => void): () => void {
  const observer = new ResizeObserver(([entry]) => {
    // Not every browser has this list, whatever the type says.
    const box = entry?.devicePixelContentBoxSize?.[0];
    onSize(box ? { width: box.inlineSize, height: box.blockSize } : null);
  });
  try {
    observer.observe(element, { box: "device-pixel-content-box" });
  } catch {
    observer.observe(element);
  }
  return () => observer.disconnect();
}
