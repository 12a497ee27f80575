import type { getResolvedPDFJS } from 'unpdf';

type Ops = Awaited<ReturnType<typeof getResolvedPDFJS>>['OPS'];
type Matrix = readonly number[];

/** What pdf.js draws of a page, one operator after another; see its `PDFOperatorList`. */
export interface PdfOperators {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

/** A box in points, y upwards. */
export interface PdfBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** One letter in the order in which it is drawn. */
export interface PdfGlyph {
  readonly text: string;
  readonly white: boolean;
}

export interface PdfPainting {
  readonly glyphs: readonly PdfGlyph[];
  /** Where something is painted that is not white; null when it may be anywhere. */
  readonly painted: readonly PdfBox[] | null;
}

interface State {
  readonly matrix: Matrix;
  readonly fillIsWhite: boolean;
  readonly strokeIsWhite: boolean;
  readonly lineWidth: number;
  readonly renderingMode: number;
  /** Blending or masks make other colours of white. */
  readonly isBlended: boolean;
  /** Whether nothing was drawn since the matrix was set: a picture that was not loaded may stand there. */
  readonly mayHavePicture: boolean;
}

const START: State = {
  matrix: [1, 0, 0, 1, 0, 0],
  fillIsWhite: false,
  strokeIsWhite: false,
  lineWidth: 1,
  renderingMode: 0,
  isBlended: false,
  mayHavePicture: false,
};
const UNIT_SQUARE = [0, 0, 1, 1];
const LIGHTEST = 0xf8;

/** Follows what a page draws. Pictures need not have been loaded. */
export function readPainting({ fnArray, argsArray }: PdfOperators, OPS: Ops): PdfPainting {
  const glyphs: PdfGlyph[] = [];
  const painted: PdfBox[] = [];
  const saved: State[] = [];
  let state = START;
  let isUnbounded = false;
  let maskDepth = 0;

  const set = (change: Partial<State>) => {
    state = { ...state, ...change };
  };
  const paint = (box: Matrix) => {
    if (maskDepth === 0) painted.push(transformed(box, state.matrix));
  };
  const endPicture = () => {
    if (state.mayHavePicture) paint(UNIT_SQUARE);
    set({ mayHavePicture: false });
  };
  const transform = (matrix: Matrix) => {
    endPicture();
    set({ matrix: multiply(state.matrix, matrix), mayHavePicture: true });
  };
  const restore = () => {
    endPicture();
    state = saved.pop() ?? state;
  };

  const fill = ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: Matrix) => {
    if (!state.fillIsWhite) paint([x0, y0, x1, y1]);
    set({ mayHavePicture: false });
  };
  const stroke = ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: Matrix) => {
    const half = state.lineWidth / 2;
    // A thick line may be a background, a frame is none.
    const isLine = Math.min(x1 - x0, y1 - y0) <= state.lineWidth;
    if (isLine && !state.strokeIsWhite) paint([x0 - half, y0 - half, x1 + half, y1 + half]);
    set({ mayHavePicture: false });
  };
  const drawings = new Map<number, (bounds: Matrix) => void>([
    [OPS.fill, fill],
    [OPS.eoFill, fill],
    [OPS.fillStroke, fill],
    [OPS.eoFillStroke, fill],
    [OPS.closeFillStroke, fill],
    [OPS.closeEOFillStroke, fill],
    [OPS.stroke, stroke],
    [OPS.closeStroke, stroke],
  ]);

  const setGraphicsState = (entries: ReadonlyArray<readonly [string, unknown]>) => {
    for (const [key, value] of entries) {
      if (key === 'BM') set({ isBlended: value !== 'source-over' });
      if (key === 'SMask' && value) set({ isBlended: true });
      if (key === 'LW') set({ lineWidth: Number(value) });
    }
  };

  const show = (letters: readonly unknown[]) => {
    set({ mayHavePicture: false });
    if (maskDepth > 0) return;
    const isWhite = state.fillIsWhite && state.renderingMode === 0 && !state.isBlended;
    for (const letter of letters) {
      if (typeof letter !== 'object' || letter === null) continue;
      const { unicode, operatorListId } = letter as { unicode?: string; operatorListId?: unknown };
      // Letters that the file draws itself (Type 3) may have colours of their own.
      if (unicode) glyphs.push({ text: unicode, white: isWhite && !operatorListId });
    }
  };

  const followers: Readonly<Record<number, (args: readonly never[]) => void>> = {
    [OPS.save]: () => saved.push(state),
    [OPS.restore]: restore,
    [OPS.transform]: transform,
    [OPS.paintFormXObjectBegin]: ([matrix]) => {
      saved.push(state);
      set({ mayHavePicture: false });
      transform(matrix ?? START.matrix);
    },
    [OPS.paintFormXObjectEnd]: restore,
    [OPS.beginGroup]: ([options]) => {
      const isMask = (options as { smask?: unknown } | undefined)?.smask;
      if (isMask || maskDepth > 0) maskDepth += 1;
    },
    [OPS.endGroup]: () => {
      maskDepth = Math.max(0, maskDepth - 1);
    },
    [OPS.setFillRGBColor]: ([colour]) => set({ fillIsWhite: isWhiteColour(colour) }),
    [OPS.setFillColorN]: () => set({ fillIsWhite: false }),
    [OPS.setFillTransparent]: () => set({ fillIsWhite: false }),
    [OPS.setStrokeRGBColor]: ([colour]) => set({ strokeIsWhite: isWhiteColour(colour) }),
    [OPS.setLineWidth]: ([width]) => set({ lineWidth: width ?? 1 }),
    [OPS.setTextRenderingMode]: ([mode]) => set({ renderingMode: mode ?? 0 }),
    [OPS.setGState]: ([entries]) => setGraphicsState(entries ?? []),
    [OPS.constructPath]: ([operator, , bounds]) => bounds && drawings.get(operator ?? 0)?.(bounds),
    [OPS.showText]: ([letters]) => show(letters ?? []),
    [OPS.shadingFill]: () => {
      isUnbounded = true;
    },
  };
  for (const [index, operator] of fnArray.entries()) {
    followers[operator]?.((argsArray[index] ?? []) as readonly never[]);
  }
  return { glyphs, painted: isUnbounded ? null : painted };
}

function isWhiteColour(colour: unknown): boolean {
  const parts = typeof colour === 'string' ? colour.slice(1).match(/../g) : null;
  return parts?.length === 3 && parts.every((part) => Number.parseInt(part, 16) >= LIGHTEST);
}

function multiply([a = 1, b = 0, c = 0, d = 1, e = 0, f = 0]: Matrix, by: Matrix): Matrix {
  const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = by;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

function transformed([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: Matrix, matrix: Matrix): PdfBox {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = matrix;
  const xs = [x0, x1].flatMap((x) => [y0, y1].map((y) => a * x + c * y + e));
  const ys = [x0, x1].flatMap((x) => [y0, y1].map((y) => b * x + d * y + f));
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}
