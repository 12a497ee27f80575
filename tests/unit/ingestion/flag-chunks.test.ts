import { expect, it } from 'vitest';
import type { ScreeningFinding } from '../../../shared/contracts/screening.ts';
import { flagChunks } from '../../../shared/ingestion/flag-chunks.ts';
import type { Finding } from '../../../shared/screening/finding.ts';
import { placeFindings, summarise } from '../../../shared/screening/place-findings.ts';

const chunk = (index: number, start: number, end: number, page: number | null = null) => ({
  index,
  text: '',
  tokens: 1,
  headingPath: [],
  page,
  start,
  end,
  tableHeader: null,
  surroundings: null,
});
const finding = (
  kind: Finding['kind'],
  start: number,
  end: number,
  severity: Finding['severity'] = 'low',
): Finding => ({
  kind,
  rule: 'rule',
  severity,
  start,
  end,
  excerpt: 'ab…',
});
const chunks = [chunk(0, 0, 100, 1), chunk(1, 80, 200, 1), chunk(2, 200, 300, 2)];

it('flags every chunk that a finding reaches into, overlapping ones and across a border', () => {
  const places = placeFindings('text', [finding('secret', 90, 95), finding('prompt-injection', 195, 210)], chunks);
  expect(flagChunks(chunks, places).map(({ flags }) => flags)).toEqual([
    ['secret'],
    ['prompt-injection', 'secret'],
    ['prompt-injection'],
  ]);
});

it('flags a chunk for what is in the text around it, which models read with it', () => {
  const places = placeFindings('text', [finding('secret', 150, 160)], chunks);
  const wide = { ...chunk(0, 0, 100), surroundings: { text: '', start: 0, end: 200 } };
  expect(flagChunks([wide], places)[0]?.flags).toEqual(['secret']);
});

it('flags no chunk for what is in the title or the name', () => {
  const places = placeFindings('name', [finding('secret', 0, 5)], []);
  expect(places[0]).toMatchObject({ part: 'name', chunk: null, page: null });
  expect(flagChunks(chunks, places).flatMap(({ flags }) => flags)).toEqual([]);
});

it('says where each is, and sums them up with the gravest first', () => {
  const found = [finding('secret', 10, 20), finding('secret', 250, 260), finding('secret', 220, 230, 'high')];
  const places: ScreeningFinding[] = placeFindings('text', found, chunks);
  expect(places.map(({ chunk: index, page }) => [index, page])).toEqual([
    [0, 1],
    [2, 2],
    [2, 2],
  ]);
  expect(summarise(places)).toEqual([
    expect.objectContaining({ severity: 'high', count: 1, first: expect.objectContaining({ chunk: 2, start: 220 }) }),
    expect.objectContaining({ severity: 'low', count: 2, first: expect.objectContaining({ chunk: 0, start: 10 }) }),
  ]);
});
