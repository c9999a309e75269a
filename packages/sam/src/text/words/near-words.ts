/** The known words that look most like an unknown one, the nearest first (Dice's coefficient of bigrams). */
export function nearWords(word: string, known: Iterable<string>, count: number): string[] {
  const wanted = bigrams(word);
  const scored = Array.from(known, (each) => ({ each, share: sharedBigrams(wanted, bigrams(each)) }));
  return scored
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || (a.each < b.each ? -1 : 1))
    .slice(0, count)
    .map(({ each }) => each);
}

/** Of each word of a phrase, with its beginning and its end. */
function bigrams(phrase: string): Set<string> {
  const padded = ` ${phrase} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)));
}

function sharedBigrams(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((bigram) => b.has(bigram)).length;
  return (2 * shared) / (a.size + b.size);
}
