/** Distinct on light and dark images; used in turn for classes without a colour of their own. */
const COLOURS = [
  "#e6194b",
  "#3cb44b",
  "#4363d8",
  "#f58231",
  "#911eb4",
  "#42d4f4",
  "#f032e6",
  "#bfef45",
  "#469990",
  "#9a6324",
  "#808000",
  "#fabed4",
];

/** @param index of the class in its project, from 0 */
export function classColour(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}
