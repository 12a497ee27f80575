import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress } from '../../../shared/adapters/public-address.ts';

const inside = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.2.1',
  '198.18.0.1',
  '240.0.0.1',
  '::',
  '::1',
  'fe80::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '::7f00:1',
  '4000::1',
  'fe80::1%eth0',
  '::ffff:7f00:1',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  '2001::1',
  'not an address',
  '',
];

describe('an address guard', () => {
  it.each(inside)('takes %s for no public address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '52.1.2.3', '2606:4700::1111', '::ffff:8.8.8.8'])('takes %s for a public address', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it('sees private addresses however a URL writes them', () => {
    const { refusalOf } = createAddressGuard([]);
    const ways = [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '127.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '①②⑦.0.0.1',
      '127.0.0.1.',
      '[::127.0.0.1]',
    ];
    for (const host of ways) expect(refusalOf(new URL(`https://${host}/`)), host).toContain('not a public address');
    expect(refusalOf(new URL('http://tools.example/'))).toContain('https');
    expect(refusalOf(new URL('https://tools.example/'))).toBeNull();
    expect(createAddressGuard(['127.0.0.1']).refusalOf(new URL('http://127.1:8080/'))).toBeNull();
  });

  it('refuses a name that points inside when it is connected to, and lets through what the operator allows', async () => {
    const resolve = (privateHosts: string[]) => promisify(createAddressGuard(privateHosts).lookup);
    await expect(resolve([])('localhost', { all: true })).rejects.toMatchObject({ code: 'unprocessable' });
    await expect(resolve([])('localhost', {})).rejects.toMatchObject({ code: 'unprocessable' });
    const found = (await resolve(['localhost'])('localhost', { all: true })) as unknown as { address: string }[];
    expect(found.map(({ address }) => address)).toContain('127.0.0.1');
  });
});
