/**
 * Whether a text begins like an export of Label Studio.
 *
 * @example
 * console.log(beginsLikeLabelStudio('[{"id": 1, "file_upload": "0a1b2c30-pear.jpg"')); // true
 */
export function beginsLikeLabelStudio(head: string): boolean {
  return (
    /^\s*\[\s*\{/.test(head) &&
    /"(file_upload|original_width|was_cancelled|completed_by|completions)"\s*:/.test(head)
  );
}
