/** Takes text in pieces and passes each word on when it is whole, with line breaks so that no line is wider than allowed. */
export interface WordWrap {
  write(piece: string): void;
  /** Passes on the last word. */
  end(): void;
}

export function createWordWrap(output: (text: string) => void, options: { width: number; indent: string }): WordWrap {
  const { width, indent } = options;
  let column = 0;
  let open = '';

  function put(word: string): void {
    if (word === '') return;
    const fits = column > 0 && column + 1 + word.length <= width;
    if (fits) output(` ${word}`);
    else output(`${column > 0 ? '\n' : ''}${indent}${word}`);
    column = fits ? column + 1 + word.length : indent.length + word.length;
  }

  return {
    write(piece) {
      const words = `${open}${piece}`.split(/\s+/);
      open = words.pop() ?? '';
      for (const word of words) put(word);
    },
    end() {
      put(open);
      if (column > 0) output('\n');
      open = '';
      column = 0;
    },
  };
}
