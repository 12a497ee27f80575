/** A table's row as all formats write it; empty when all of its cells are. */
export function rowText(cells: readonly string[]): string {
  const texts = cells.map((cell) => cell.replace(/\s+/g, ' ').trim());
  return texts.some((text) => text !== '') ? texts.join(' | ') : '';
}
