import { createHash } from 'node:crypto';

/** Makes a PDF of objects as they are given, numbered from 1, with the first as its catalog. */
export function rawPdf(objects: readonly string[], trailer = ''): Uint8Array {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const start = text.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  text += `trailer<</Size ${objects.length + 1}/Root 1 0 R${trailer}>>\nstartxref\n${start}\n%%EOF`;
  return Buffer.from(text, 'latin1');
}

export function stream(content: string, dictionary = ''): string {
  return `<</Length ${content.length}${dictionary}>>stream\n${content}\nendstream `;
}

const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

/** Makes a PDF of one page that says `text`, encrypted (RC4, 40 bits; ISO 32000-1, 7.6.3) with the given passwords. */
export function encryptedPdf(text: string, userPassword: string, ownerPassword: string): Uint8Array {
  const pad = (password: string) => Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
  const md5 = (...parts: readonly Uint8Array[]) => createHash('md5').update(Buffer.concat(parts)).digest();
  const owner = rc4(md5(pad(ownerPassword)).subarray(0, 5), pad(userPassword));
  const id = Buffer.from('0123456789abcdef', 'latin1');
  // All rights but copying.
  const rights = Buffer.from([0xec, 0xff, 0xff, 0xff]);
  const key = md5(pad(userPassword), owner, rights, id).subarray(0, 5);
  const content = Buffer.from(`BT /F1 12 Tf 50 700 Td (${text}) Tj ET`, 'latin1');
  const objectKey = md5(key, Buffer.from([4, 0, 0, 0, 0])).subarray(0, 10);
  const hex = (bytes: Uint8Array) => `<${Buffer.from(bytes).toString('hex')}>`;
  return rawPdf(
    [
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
      stream(rc4(objectKey, content).toString('latin1')),
      '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      `<</Filter/Standard/V 1/R 2/P -20/O${hex(owner)}/U${hex(rc4(key, PADDING))}>>`,
    ],
    `/Encrypt 6 0 R/ID[${hex(id)}${hex(id)}]`,
  );
}

function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number) => state[index & 255] ?? 0;
  const swap = (one: number, other: number) => {
    [state[one], state[other]] = [at(other), at(one)];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + at(i)) & 255;
      swap(i, j);
      return byte ^ at(at(i) + at(j));
    }),
  );
}
