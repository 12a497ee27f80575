const PIECE_CHARACTERS = 48;

/** A text in pieces that end after words, so that an answer from the cache streams as one that is being written. */
export function* replayedText(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const next = text.slice(start + PIECE_CHARACTERS).search(/\s/u);
    const end = next < 0 ? text.length : start + PIECE_CHARACTERS + next + 1;
    yield text.slice(start, end);
    start = end;
  }
}
