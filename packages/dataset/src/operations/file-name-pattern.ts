/**
 * Makes a test of file names from a pattern as people write it.
 *
 * @param pattern a part of the name, or `*` for anything: `train/*.jpg` is then all of the name
 *
 * @example
 * const isTraining = fileNamePattern("train/*.jpg");
 * console.log(isTraining("train/a.jpg"), isTraining("val/a.jpg")); // true false
 */
export function fileNamePattern(pattern: string): (name: string) => boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (escaped.length === 1) return (name) => name.includes(pattern);
  // Anything but the first parts must be found as early as possible, so that many stars cost no more than
  // one.
  const expression = new RegExp(`^${escaped.join("[^]*?")}$`);
  return (name) => expression.test(name);
}
