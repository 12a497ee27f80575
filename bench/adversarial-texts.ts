/** What a scanner that looks twice at the same place would never be done with: each is repeated without an end. */
export const ADVERSARIAL_UNITS: Readonly<Record<string, string>> = {
  'orders without an end': 'ignore all the ',
  'half an order': 'send the answers to the ',
  'orders, whole': 'Ignore all previous instructions. ',
  'one long word': 'a',
  blanks: ' ',
  'line ends': '\n',
  digits: '1',
  'grouped digits': '4111 ',
  'halves of dates': '1.1.',
  'at signs': 'a@a',
  joints: 'a=',
  labels: 'password: ',
  'half a key': '-----BEGIN PRIVATE KEY-----\n',
  'half a token': 'eyJaaaaaaaaaa.',
  'half a link': '?sv=a&',
  'half an address': 'postgres://a:',
  'half an image': '![',
  base64: 'aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM ',
  'country codes': 'DE89 3704 ',
  quotes: '"`',
  joiners: 'a\u200d',
};

export const adversarialText = (unit: string, characters: number) =>
  unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);
