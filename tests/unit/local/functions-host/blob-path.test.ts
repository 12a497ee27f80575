import { describe, expect, it } from 'vitest';
import { compileBlobPath } from '../../../../local/functions-host/blob-path.ts';

describe('a blob path', () => {
  it('takes its container and the literal that names begin with', () => {
    expect(compileBlobPath('drop/in/{name}.pdf')).toMatchObject({ container: 'drop', prefix: 'in/' });
    expect(compileBlobPath('drop').match('any/name')).toEqual({ name: 'any/name' });
  });

  it('splits at the last place that fits, as the real host does', () => {
    expect(compileBlobPath('drop/{tenant}/{file}').match('a/b/c')).toEqual({ tenant: 'a/b', file: 'c' });
    expect(compileBlobPath('drop/{name}.{extension}').match('a.b.c')).toEqual({ name: 'a.b', extension: 'c' });
  });

  it('matches literals exactly', () => {
    const path = compileBlobPath('drop/{name}.pdf');
    expect(path.match('a.PDF')).toBeUndefined();
    expect(path.match('axpdf')).toBeUndefined();
    expect(compileBlobPath('drop/{{x}}/{name}').match('{x}/a')).toEqual({ name: 'a' });
  });

  it.each(['drop/{*rest}', 'drop/{a-b}', 'drop/{}', 'drop/{a', '{container}/a'])('%j is an error', (path) => {
    expect(() => compileBlobPath(path)).toThrow();
  });
});
