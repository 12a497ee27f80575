import { bad, type GroundingPair, good } from './grounding-pairs.ts';

const PARKING =
  'Employees park free of charge on levels 2 and 3 of the Elm Street garage. Level 1 is reserved for visitors. ' +
  'Electric cars may be charged for up to four hours. Overnight parking needs a permit from Facility Management, which costs 15 dollars a month.';
const CLINIC =
  'The vaccine is given in two doses, 28 days apart. It is stored at 2 to 8 °C and must never be frozen. ' +
  'In a trial with 1,420 adults, 87.5 % were protected. Children under twelve were not studied. The trial was led by Dr. Mehta in Oslo.';
const API =
  'The endpoint /v2/orders accepts at most 500 items a request. Requests over the limit are answered with 413. ' +
  'Tokens expire after 60 minutes; refresh tokens do not expire. The sandbox is reset every Sunday at 02:00 UTC.';
const PLANS =
  'Prices a seat and month:\n\n| Plan | Price | Storage |\n|---|---|---|\n| Basic | 5 euros | 50 GB |\n| Team | 12 euros | 500 GB |\n| Enterprise | 25 euros | unlimited |\n\nAnnual billing saves 20 %.';
const KANTINE =
  'Die Kantine öffnet um 11:30 Uhr und schließt um 14:00 Uhr. Freitags gibt es immer Fisch. Gäste zahlen 9,50 Euro, Mitarbeitende 4,20 Euro. Hunde sind nicht erlaubt.';

/** Made after the checks were written, and not used to adjust them. */
export const heldOutPairs: readonly GroundingPair[] = [
  good('paraphrase', 'Staff can park for free on level 2 of the garage in Elm Street.', PARKING),
  good('paraphrase', 'To park overnight you need a permit from Facility Management.', PARKING),
  good('number', 'A permit is $15 per month.', PARKING),
  good('paraphrase', 'Charging an electric car is limited to 4 hours.', PARKING),
  good('paraphrase', 'The second dose follows 28 days after the first.', CLINIC),
  good('paraphrase', 'Freezing the vaccine is never allowed.', CLINIC),
  good('number', '87.5 percent of the 1420 adults in the trial were protected.', CLINIC),
  good('abbreviation', 'Dr. Mehta led the trial, which took place in Oslo.', CLINIC),
  good('paraphrase', 'A request to /v2/orders can hold up to 500 items.', API),
  good('paraphrase', 'Refresh tokens never expire.', API),
  good('paraphrase', 'Every Sunday the sandbox is reset.', API),
  good('table', 'The Team plan costs 12 euros and includes 500 GB of storage.', PLANS),
  good('table', 'Storage is unlimited on the Enterprise plan.', PLANS),
  good('other language', 'Gäste bezahlen 9,50 € in der Kantine.', KANTINE),
  good('other language', 'Fisch gibt es immer freitags.', KANTINE),
  bad('number', 'Electric cars may be charged for up to six hours.', PARKING),
  bad('negation', 'Employees do not park free of charge on levels 2 and 3.', PARKING),
  bad('number', 'Employees park free of charge on level 1.', PARKING),
  bad('negation', 'Children under twelve were studied.', CLINIC),
  bad('name', 'The trial was led by Dr. Mehta in Bergen.', CLINIC),
  bad('number', 'The vaccine is given in three doses, 28 days apart.', CLINIC),
  bad('number', 'Requests over the limit are answered with 429.', API),
  bad('negation', 'Refresh tokens expire after 60 minutes.', API),
  bad('name', 'The sandbox is reset every Monday at 02:00 UTC.', API),
  bad('table', 'The Basic plan costs 12 euros.', PLANS),
  bad('table', 'The Team plan has unlimited storage.', PLANS),
  bad('made up', 'The API supports webhooks that are signed with a shared secret.', API),
  bad('wrong passage', 'Annual billing saves 20 %.', CLINIC),
  bad('other language', 'Hunde sind erlaubt.', KANTINE),
  bad('other language', 'Die Kantine schließt um 15:00 Uhr.', KANTINE),
];
