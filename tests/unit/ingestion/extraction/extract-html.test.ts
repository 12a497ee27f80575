import { describe, expect, it } from 'vitest';
import { extractHtml } from '../../../../shared/ingestion/extraction/html/extract-html.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';

function blocks(body: string, head = ''): Array<[string, string]> {
  return blocksOf(extractHtml(bytesOf(`<!doctype html><head>${head}</head><body>${body}</body>`), limits));
}

function text(body: string, head = ''): string {
  return extractHtml(bytesOf(`<!doctype html><head>${head}</head><body>${body}</body>`), limits).text;
}

describe('reading HTML', () => {
  it('keeps headings, paragraphs, lists, tables, code and links', () => {
    const page = `<nav><a href="/">Home</a></nav>
      <h1>Travel <em>policy</em></h1>
      <p>Ask   <a href="https://desk.example.com/travel">the desk</a>
         first.<br>Then book.</p>
      <ul><li>hotel<ul><li><p>single room</p></li></ul></li><li>train</li></ul>
      <table><caption>Fares</caption><thead><tr><th>City<th>Fare</thead><tr><td>Oslo<td> 120 </table>
      <pre>a = 1

  b = 2</pre>`;
    expect(blocks(page)).toEqual([
      ['heading 1', 'Travel policy'],
      ['paragraph', 'Ask the desk (https://desk.example.com/travel) first.\nThen book.'],
      ['list-item', '- hotel'],
      ['list-item', '- single room'],
      ['list-item', '- train'],
      ['paragraph', 'Fares'],
      ['table-row', 'City | Fare'],
      ['table-row', 'Oslo | 120'],
      ['code', 'a = 1\n\n  b = 2'],
    ]);
  });

  it.each([
    ['a script, a style or a comment', '<script>evil()</script><style>p{}</style><!-- evil -->'],
    ['an attribute', '<p hidden>evil</p><p aria-hidden="true">evil</p>'],
    ['no display', '<div style="color:red; DISPLAY : none !important">evil <p>evil</p></div>'],
    ['no visibility', '<span style="visibility:hidden">evil</span>'],
    ['no size of letters', '<span style="font-size:0">evil</span><i style="font-size: 0.0px">evil</i>'],
    ['letters of a point', '<span style="font-size: 1px">evil</span><i style="font-size:.5pt">evil</i>'],
    ['white on the bare page', '<p style="color: #FFF">evil</p><p style="color:rgb(255, 255, 255)"><b>evil</b></p>'],
    ['white on white', '<div style="background: white"><p style="color:white">evil</p></div>'],
    ['no opacity', '<span style="opacity:0">evil</span>'],
    ['a box of no size', '<div style="height:0;overflow:hidden">evil</div>'],
    ['a place far away', '<p style="position:absolute;left:-9999px">evil</p><p style="text-indent:-999em">evil</p>'],
    ['no colour', '<p style="color: transparent">evil</p>'],
    ['a comment inside the style', '<p style="dis/**/play:/* */none">evil</p>'],
    ['a form', '<textarea>evil</textarea><select><option>evil</select>'],
    ['a closed dialog, or a template', '<dialog>evil</dialog><template>evil</template>'],
    ['a row of a table', '<table><tr style="display:none"><td>evil<td>evil</tr><tr><td>a<td>b</tr></table>'],
    ['inside a link', '<a href="https://e.example"><b hidden>evil</b>seen</a>'],
    ['inside code', '<pre>seen<span hidden>evil</span></pre>'],
  ])('leaves out what is hidden by %s', (_, hidden) => {
    const read = text(`<p>Before</p>${hidden}<p>After</p>`);
    expect(read).not.toContain('evil');
    expect(read).toContain('Before');
    expect(read).toContain('After');
  });

  it('leaves out what a style sheet hides, but not what it hides in print or on small screens', () => {
    const style = `<style>.trap, p#deep { display: none } @media print { .shown { display: none } }
      @media (max-width: 600px) { .wide { display: none } } .menu .item { display: none } .plain { color: red }</style>`;
    const body =
      '<p class="a trap">evil</p><p id="deep">evil</p><p class="shown">one</p><p class="wide">two</p><p class="item plain">three</p>';
    expect(text(body, style)).toBe('one\n\ntwo\n\nthree');
  });

  it('reads white text where something may be behind it', () => {
    expect(text('<h1 style="color:white; background-color: #036">Offer</h1>')).toBe('Offer');
    expect(text('<p class="a" style="color:white">Offer</p>', '<link rel="stylesheet" href="a.css">')).toBe('Offer');
    expect(text('<table bgcolor="navy"><tr><td style="color:#ffffff">Offer</table>')).toBe('Offer');
  });

  it('leaves out what a rule makes white, and reads what is black within white', () => {
    expect(text('<p class="a">evil</p><p>Seen</p>', '<style>.a { color: #fff }</style>')).toBe('Seen');
    expect(text('<div style="color:white"><p style="color:black">Seen</p></div>')).toBe('Seen');
  });

  it('reads text that has a size of its own in a box of no letter size, as mails have it', () => {
    const box = '<div style="font-size:0"><span style="font-size:14px">Offer</span></div>';
    expect(text(`${box}<div style="font-size:0"><b>evil</b></div>`)).toBe('Offer');
  });

  it('reads tables that only arrange the page as the page', () => {
    const layout = '<table><tr><td><h2>Offer</h2><p>Ten chairs.</p></td><td><p>Twenty tables.</p></td></tr></table>';
    expect(blocks(layout)).toEqual([
      ['heading 2', 'Offer'],
      ['paragraph', 'Ten chairs.'],
      ['paragraph', 'Twenty tables.'],
    ]);
  });

  it('keeps only links that help somebody elsewhere', () => {
    const links =
      '<p><a href="#a">above</a> <a href="/b">there</a> <a href="javascript:evil()">run</a> ' +
      '<a href="https://example.com/">example.com</a> <a href="mailto:desk@example.com">desk</a></p>';
    expect(text(links)).toBe('above there run example.com desk (desk@example.com)');
  });

  it('takes the title of the page, and its declared encoding', () => {
    const page = '<html><head><meta charset="windows-1251"><title>Отпуск</title></head><p>Заявление</p>';
    const bytes = Uint8Array.from(page, (letter) => {
      const code = letter.charCodeAt(0);
      return code < 0x80 ? code : code - 0x410 + 0xc0;
    });
    const document = extractHtml(bytes, limits);
    expect([document.title, document.text]).toEqual(['Отпуск', 'Заявление']);
  });

  it('reads what is broken, and says when there is nothing', () => {
    expect(text('<p>One<p>Two</div></b><li>three')).toBe('One\n\nTwo\n\n- three');
    expect(() => text('<script>evil()</script>')).toThrow(expect.objectContaining({ code: 'no-text' }));
    expect(() => extractHtml(bytesOf(' \n'), limits)).toThrow(expect.objectContaining({ code: 'empty' }));
    const deep = '<div>'.repeat(100_000);
    expect(() => text(`${deep}x`)).toThrow(expect.objectContaining({ code: 'damaged' }));
  });
});
