/** The sum that a payment card's number is checked with (ISO/IEC 7812). */
export function hasLuhnDigit(digits: string): boolean {
  let total = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    total += doubled > 9 ? doubled - 9 : doubled;
  }
  return total % 10 === 0;
}

/** ISO/IEC 7064 MOD 97-10, as an IBAN has it; letters count from 10. */
export function isIbanSound(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** The Dutch burgerservicenummer: weights 9 to 2, and -1 for the last digit. */
export function isBsnSound(digits: string): boolean {
  if (!/^\d{9}$/.test(digits) || /^0+$/.test(digits)) return false;
  const total = [...digits].reduce((sum, digit, index) => sum + Number(digit) * (index === 8 ? -1 : 9 - index), 0);
  return total % 11 === 0;
}

/** The German Steuer-ID: ISO/IEC 7064 MOD 11,10; of its first ten digits exactly one comes twice or three times. */
export function isSteuerIdSound(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  const counts = Array.from({ length: 10 }, (_, digit) => digits.slice(0, 10).split(String(digit)).length - 1);
  const repeated = counts.filter((count) => count > 1);
  if (repeated.length !== 1 || (repeated[0] ?? 0) > 3) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

/** The French NIR: sex, year, month, place and order, and 97 minus their remainder. Corsica counts as 19 and 18. */
export function isNirSound(nir: string): boolean {
  const parts = /^([12])(\d{2})(0[1-9]|1[0-2]|[2-4]\d|5[0-9]|6[0-2]|99)(\d{2}|2[AB])(\d{6})(\d{2})$/.exec(nir);
  if (!parts) return false;
  const [, sex = '', year = '', month = '', department = '', order = '', key = ''] = parts;
  const place = department.replace('2A', '19').replace('2B', '18');
  return 97 - (Number(`${sex}${year}${month}${place}${order}`) % 97) === Number(key);
}
