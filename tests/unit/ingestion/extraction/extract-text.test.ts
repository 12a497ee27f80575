import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { extractText } from '../../../../shared/ingestion/extraction/extract-text.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';

const russian =
  'Однажды, в студеную зимнюю пору, я из лесу вышел; был сильный мороз. Гляжу, поднимается медленно в гору.';
const japanese = '日本語の文章です。これはテストのための長い文章で、文字コードを調べます。ひらがなとカタカナと漢字。';
const french = 'Où est la forêt enchantée ? Près du château, derrière le vieux chêne, là où l’été s’achève à peine.';

describe('reading plain text', () => {
  it.each([
    ['utf-8', french],
    ['utf-16le', russian],
    ['utf-16be', 'Plain English without a mark.'],
    ['utf-32le', japanese],
    ['utf-32be', russian],
    ['windows-1252', french],
    ['windows-1251', russian],
    ['koi8-r', russian],
    ['cp866', russian],
    ['shift_jis', japanese],
    ['euc-jp', japanese],
    ['gb18030', '这是一个用来测试字符编码检测的中文句子，里面有很多常用的汉字。我们希望它能够被正确识别。'],
  ])('reads %s', (encoding, text) => {
    const addBOM = encoding === 'utf-16le';
    expect(extractText(iconv.encode(text, encoding, { addBOM }), limits).text).toBe(text.normalize('NFC'));
  });

  it('reads the escape sequences of ISO-2022', () => {
    const shifted = iconv.encode('日本', 'euc-jp').map((byte) => byte & 0x7f);
    const jp = Buffer.concat([bytesOf('A\x1b$B'), shifted, bytesOf('\x1b(B.')]);
    expect(extractText(jp, limits).text).toBe('A日本.');
    const cn = Buffer.concat([
      bytesOf('\x1b$)AA\x0e'),
      iconv.encode('中文', 'gb2312').map((byte) => byte & 0x7f),
      bytesOf('\x0f.'),
    ]);
    expect(extractText(cn, limits).text).toBe('A中文.');
  });

  it('parts paragraphs at blank lines and keeps the lines inside them', () => {
    const document = extractText(bytesOf('\uFEFFOne\r\nmore\r\n \t\r\n\r\nTwo\rthree\n'), limits);
    expect(blocksOf(document)).toEqual([
      ['paragraph', 'One\nmore'],
      ['paragraph', 'Two\nthree'],
    ]);
  });

  it('removes what cannot be seen and composes what can', () => {
    const { text } = extractText(
      bytesOf('pass\u200Bword e\u0301 \u202Etxt\u202C \u0000\u0007ﬁne\u00A0now \u{E0041}'),
      limits,
    );
    expect(text).toBe('password é txt fine now');
  });

  it('gives clean text with exact paragraphs for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        try {
          const { text, blocks } = extractText(bytes, limits);
          expect(text.isWellFormed()).toBe(true);
          expect(text).not.toMatch(/[\0\u200B\r]/);
          for (const { start, end } of blocks) expect(text.slice(start, end).trim()).not.toBe('');
        } catch (error) {
          expect(error).toMatchObject({ code: 'empty' });
        }
      }),
    );
  });

  it('refuses blank and too long texts', () => {
    expect(() => extractText(bytesOf(' \n\u200B '), limits)).toThrow(expect.objectContaining({ code: 'empty' }));
    const short = { ...limits, maxTextCharacters: 3 };
    expect(() => extractText(bytesOf('four'), short)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
