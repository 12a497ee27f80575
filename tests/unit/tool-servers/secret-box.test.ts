import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../shared/tool-servers/secret-box.ts';

const key = randomBytes(32);
const box = createSecretBox(key);
const unreadable = expect.objectContaining({ code: 'unprocessable' });
const contexts = fc.array(fc.string(), { minLength: 1, maxLength: 4 });

describe('a secret box', () => {
  it('gives back any secret, where it belongs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), contexts, (secret, context) => {
        fc.pre(secret.isWellFormed());
        expect(box.open(box.seal(secret, context), context)).toBe(secret);
      }),
    );
  });

  it('opens nothing in any other context', () => {
    fc.assert(
      fc.property(contexts, contexts, (context, other) => {
        fc.pre(JSON.stringify(context) !== JSON.stringify(other));
        const sealed = box.seal('open sesame', context);
        expect(() => box.open(sealed, other)).toThrow(unreadable);
      }),
    );
  });

  it('opens nothing that was changed in any bit, cut or made up', () => {
    const sealed = box.seal('open sesame', ['tenant', 'server']);
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => box.open(`v1.${changed.toString('base64url')}`, ['tenant', 'server'])).toThrow(unreadable);
    }
    for (const text of ['', 'v1.', 'nonsense', sealed.slice(0, -6), sealed.slice(0, 20)]) {
      expect(() => box.open(text, ['tenant', 'server'])).toThrow(unreadable);
    }
  });

  it('seals the same secret differently each time, and only for its own key', () => {
    const sealed = Array.from({ length: 50 }, () => box.seal('open sesame', ['a']));
    expect(new Set(sealed).size).toBe(50);
    expect(sealed.join()).not.toContain('sesame');
    expect(() => createSecretBox(randomBytes(32)).open(sealed[0] ?? '', ['a'])).toThrow(unreadable);
    expect(() => createSecretBox(null).open(sealed[0] ?? '', ['a'])).toThrow(unreadable);
    expect(() => createSecretBox(null).seal('open sesame', ['a'])).toThrow(/TOOL_SECRETS_KEY/);
  });
});
