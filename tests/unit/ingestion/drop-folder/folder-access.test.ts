import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Access } from '../../../../shared/contracts/access.ts';
import { foldersAround, locateDrop } from '../../../../shared/ingestion/drop-folder/drop-place.ts';
import {
  type AccessFile,
  NOBODY,
  parseAccessFile,
  resolveAccess,
} from '../../../../shared/ingestion/drop-folder/folder-access.ts';

const folderName = fc.constantFrom('a', 'b', 'c');
const folder = fc.array(folderName, { maxLength: 4 }).map((names) => names.map((name) => `${name}/`).join(''));
const accessFile: fc.Arbitrary<AccessFile> = fc.oneof(
  fc.constantFrom<Access['visibility']>('tenant', 'restricted').map((visibility) => ({
    access: { visibility, users: [], groups: [], roles: [] },
    problem: null,
  })),
  fc.constant({ access: NOBODY, problem: 'It is not JSON' }),
);

/** The oracle: of the folders that a path begins with, the longest one with an access file decides. */
function oracle(path: string, tree: ReadonlyMap<string, AccessFile>): Access | null {
  const [longest] = [...tree]
    .filter(([name]) => path.startsWith(name))
    .sort(([one], [other]) => other.length - one.length);
  return longest ? longest[1].access : null;
}

describe('access by folder', () => {
  it('is what the nearest access file says, in any tree', async () => {
    const tree = fc.array(fc.tuple(folder, accessFile), { maxLength: 12 }).map((files) => new Map(files));
    await fc.assert(
      fc.asyncProperty(tree, folder, async (files, place) => {
        const path = `${place}file.txt`;
        expect(await resolveAccess(path, async (name) => files.get(name) ?? null)).toEqual(oracle(path, files));
      }),
    );
  });

  it('lets in nobody by a file that is not as it should be', () => {
    const wrong = [
      '',
      'null',
      '[]',
      '{',
      '{"visibility":"all"}',
      '{"visibility":"tenant","extra":1}',
      '{"groups":["x"]}',
    ];
    for (const content of wrong) expect(parseAccessFile(content)).toMatchObject({ access: NOBODY });
    expect(parseAccessFile('\uFEFF{"visibility":"tenant"}')).toMatchObject({
      access: { visibility: 'tenant' },
      problem: null,
    });
  });
});

describe('a name in the drop folder', () => {
  const prefix = 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X/kb_01JD3Q5V4M8K2N6P9R1S7T0W3X';

  it('is a file, an access file, a manifest or nothing', () => {
    const kindOf = (path: string) => locateDrop(`${prefix}/${path}`)?.kind;
    expect(['a.txt', 'x/.access.json', '.access.json', 'my.access.json'].map(kindOf)).toEqual([
      'file',
      'access-file',
      'access-file',
      'file',
    ]);
    expect(['import.jsonl', 'x/hr.import.jsonl', 'ximport.jsonl'].map(kindOf)).toEqual([
      'manifest',
      'manifest',
      'file',
    ]);
    expect(['', 'a//b.txt', 'folder/'].map(kindOf)).toEqual([undefined, undefined, undefined]);
    expect(locateDrop('ten_x/kb_y/a.txt')).toBeNull();
  });

  it('lies in its folder and in all around it', () => {
    expect(foldersAround('a/b/c.txt')).toEqual(['a/b/', 'a/', '']);
    expect(foldersAround('c.txt')).toEqual(['']);
  });
});
