import { describe, expect, it } from 'vitest';
import { compileRoute } from '../../../../local/functions-host/route-template.ts';

describe('a route template', () => {
  it.each([
    ['items', 'ITEMS', {}],
    ['', '', {}],
    ['{a}/{b?}', 'x', { a: 'x' }],
    ['{a}/{b=5}', 'x', { a: 'x', b: '5' }],
    ['{a}/{b:int=5}', 'x/7', { a: 'x', b: '7' }],
    ['{name}.{extension}', 'a.b.txt', { name: 'a.b', extension: 'txt' }],
    ['v{version:int}/x', 'v2/x', { version: '2' }],
    ['files/{*path}', 'files', {}],
    ['files/{*path}', 'files/a/b', { path: 'a/b' }],
    ['{id:regex(^\\d{{3}}$)}'.replace('{{3}}', '+'), '123', { id: '123' }],
    ['{id:length(2,3)}', 'abc', { id: 'abc' }],
    ['{id:range(1,10)}', '10', { id: '10' }],
    ['{on:bool}', 'True', { on: 'True' }],
    ['{when:datetime}', '2024-01-01', { when: '2024-01-01' }],
  ])('%j takes %j', (template, path, parameters) => {
    expect(compileRoute(template)(path)).toEqual(parameters);
  });

  it.each([
    ['items', 'items/1'],
    ['{id}', ''],
    ['{id}', 'a/b'],
    ['{id:int}', '2147483648'],
    ['{id:int}', '1.5'],
    ['{id:guid}', 'not-a-guid'],
    ['{id:length(2,3)}', 'a'],
    ['{id:minlength(2)}', 'a'],
    ['{id:max(3)}', '4'],
    ['{id:regex(^a/b$)}', 'ab'],
    ['a.c', 'abc'],
  ])('%j does not take %j', (template, path) => {
    expect(compileRoute(template)(path)).toBeUndefined();
  });

  it('with an unknown constraint is an error', () => {
    expect(() => compileRoute('{id:colour}')).toThrow("The route constraint 'colour' is not known.");
  });
});
