/** A sentence of an answer, the passages that it cites, and whether a careful reader says that they support it. */
export interface GroundingPair {
  readonly kind: string;
  readonly claim: string;
  readonly passages: readonly string[];
  readonly isSupported: boolean;
}

const TRAVEL =
  'Employees may spend up to 45 euros on dinner when they travel in Germany. Abroad, the limit is 60 euros. ' +
  'Alcohol is not reimbursed. Receipts must be handed in within 30 days after the trip, by 15 January 2026 at the latest for trips of 2025.';
const LEAVE =
  'Every employee is entitled to 30 days of annual leave. Up to five days may be carried over to the next year; they expire on 31 March. ' +
  'Leave requests are approved by the team lead. Interns do not receive paid leave.';
const SECURITY =
  'Laptops must be encrypted with BitLocker. Passwords have at least 14 characters and are changed only after an incident. ' +
  'USB drives from outside are forbidden. Incidents are reported to security@contoso.example within 24 hours.';
const PRODUCT =
  'The Aurora T200 thermostat shows error E47 when the relay has failed. Replace the relay or call Contoso Service. ' +
  'The battery lasts about two years. The device works between -10 °C and 50 °C. Version 3.2 added Matter support.';
const TABLE =
  '| Room | Seats | Floor |\n|---|---|---|\n| Isar | 16 | 2 |\n| Elbe | 8 | 3 |\n| Spree | 24 | 1 |\n\nRooms are booked in Outlook.';
const LIST =
  'To get a badge you need:\n- a passport or identity card\n- the signed contract\n- a photo of at least 600 x 800 pixels\nBadges are issued by reception, e.g. in Munich by Ms. Weber.';
const GERMAN =
  'Mitarbeitende erhalten 30 Urlaubstage im Jahr. Überstunden werden nach Absprache mit der Führungskraft ausgeglichen. ' +
  'Homeoffice ist an höchstens drei Tagen pro Woche erlaubt, im Ausland jedoch nicht.';
const FRENCH =
  "Les frais de repas sont remboursés jusqu'à 20 euros. Les demandes sont envoyées au service comptable avant le 10 du mois. " +
  "L'alcool n'est pas remboursé.";
const REVENUE =
  'In 2024 Fabrikam had a revenue of 1,250,000 euros, 12 % more than in 2023. Profit fell to 80 thousand euros because of the move to Leipzig.';

const PENSION =
  'The company pays 4 % of gross salary into the pension plan, and doubles what employees pay in up to 200 euros a month. ' +
  'Membership begins after the probation period of six months. Part-time staff are included; freelancers are not.';
const DRONE =
  'The SkyLift D5 weighs 1.8 kg and flies for 35 minutes at most. Its camera records 4K video at 60 frames per second. ' +
  'Do not fly above 120 metres. The warranty covers two years, except for the propellers. Firmware is updated with the app FlightDeck.';
const MINUTES =
  'Present: Ana Lopez (chair), Bo Lindqvist, Chidi Okafor. The board approved the budget of 3.4 million euros for the plant in Porto. ' +
  'Bo Lindqvist voted against it. The next meeting is on 12 September 2026 in Lisbon. The merger with Northwind was postponed to 2027.';
const SLA =
  '## Support\n\n| Priority | Response | Hours |\n|---|---|---|\n| P1 | 30 minutes | 24/7 |\n| P2 | 4 hours | 8:00-18:00 |\n| P3 | 2 working days | 8:00-18:00 |\n\n' +
  'Customers open tickets in the portal. Credits of 10 % are granted when availability falls below 99.9 % in a month.';
const LEASE =
  'Das Mietverhältnis beginnt am 1. Mai 2025 und läuft fünf Jahre. Die Miete beträgt 4.200 Euro im Monat zzgl. Nebenkosten. ' +
  'Untervermietung ist nicht gestattet. Eine Kündigung ist mit einer Frist von sechs Monaten möglich.';
const SPANISH =
  'El horario de la oficina es de 9:00 a 17:30. Los viernes de agosto se trabaja hasta las 14:00. No se permite fumar en la terraza.';

const pair = (kind: string, isSupported: boolean, claim: string, ...passages: string[]): GroundingPair => ({
  kind,
  claim,
  passages,
  isSupported,
});
export const good = (kind: string, claim: string, ...passages: string[]) => pair(kind, true, claim, ...passages);
export const bad = (kind: string, claim: string, ...passages: string[]) => pair(kind, false, claim, ...passages);

/** Made by hand, half of them wrong in one thing each; the checks were adjusted with them. */
export const groundingPairs: readonly GroundingPair[] = [
  good('quotation', 'Employees may spend up to 45 euros on dinner when they travel in Germany.', TRAVEL),
  good('quotation', 'Up to five days may be carried over to the next year.', LEAVE),
  good('quotation', 'Laptops must be encrypted with BitLocker.', SECURITY),
  good('quotation', 'The battery lasts about two years.', PRODUCT),
  good('paraphrase', 'On trips in Germany, dinner is covered up to 45 euros for employees.', TRAVEL),
  good('paraphrase', 'You have to hand in your receipts no later than 30 days after the trip.', TRAVEL),
  good('paraphrase', 'Annual leave amounts to 30 days for every employee.', LEAVE),
  good('paraphrase', 'The team lead approves requests for leave.', LEAVE),
  good('paraphrase', 'A password needs 14 characters or more.', SECURITY),
  good('paraphrase', 'Report an incident to security within 24 hours.', SECURITY),
  good('paraphrase', 'Error E47 means that the relay of the thermostat has failed.', PRODUCT),
  good('paraphrase', 'Since version 3.2 the device supports Matter.', PRODUCT),
  good('number', 'Unused leave of up to 5 days moves to the next year and expires on 31 March.', LEAVE),
  good('number', "Fabrikam's revenue in 2024 was 1.25 million euros.", REVENUE),
  good('number', 'The profit fell to 80,000 euros.', REVENUE),
  good('number', 'Revenue grew by 12 percent in 2024 compared with 2023.', REVENUE),
  good('number', 'The battery lasts about 2 years.', PRODUCT),
  good('date', 'For trips of 2025 receipts must be handed in by January 15, 2026.', TRAVEL),
  good('date', 'For trips of 2025 the receipts are due by 2026-01-15.', TRAVEL),
  good('negation', 'Alcohol is not reimbursed.', TRAVEL),
  good('negation', 'Interns receive no paid leave.', LEAVE),
  good('negation', "You can't use USB drives from outside.", SECURITY),
  good(
    'several passages',
    'Dinner is limited to 60 euros abroad, and leave requests are approved by the team lead.',
    TRAVEL,
    LEAVE,
  ),
  good('table', 'The room Isar on floor 2 has 16 seats.', TABLE),
  good('table', 'Spree is the room with 24 seats.', TABLE),
  good('list', 'For a badge you need a passport or identity card, the signed contract and a photo.', LIST),
  good('abbreviation', 'In Munich, Ms. Weber issues badges.', LIST),
  good('other language', 'Im Jahr gibt es 30 Urlaubstage für Mitarbeitende.', GERMAN),
  good('other language', 'Homeoffice ist höchstens an drei Tagen in der Woche erlaubt.', GERMAN),
  good('other language', "Les repas sont remboursés jusqu'à 20 euros.", FRENCH),
  good('other language', "L'alcool n'est pas remboursé.", FRENCH),

  bad('number', 'Employees may spend up to 54 euros on dinner when they travel in Germany.', TRAVEL),
  bad('number', 'Every employee is entitled to 28 days of annual leave.', LEAVE),
  bad('number', 'Passwords have at least 12 characters.', SECURITY),
  bad('number', 'Up to six days may be carried over to the next year.', LEAVE),
  bad('number', "Fabrikam's revenue in 2024 was 1.35 million euros.", REVENUE),
  bad('number', 'The device works between -10 °C and 60 °C.', PRODUCT),
  bad('date', 'Days that were carried over expire on 31 May.', LEAVE),
  bad('date', 'For trips of 2025 receipts must be handed in by 15 January 2027.', TRAVEL),
  bad('name', 'Laptops must be encrypted with VeraCrypt.', SECURITY),
  bad('name', 'In Berlin, Ms. Weber issues badges at reception.', LIST),
  bad('name', 'Profit fell because of the move to Dresden.', REVENUE),
  bad('name', 'The Aurora T300 thermostat shows error E47 when the relay has failed.', PRODUCT),
  bad('negation', 'Alcohol is reimbursed.', TRAVEL),
  bad('negation', 'Interns receive paid leave.', LEAVE),
  bad('negation', 'Receipts must not be handed in within 30 days after the trip.', TRAVEL),
  bad('negation', 'USB drives from outside are allowed.', SECURITY),
  bad('wrong passage', 'Dinner is covered up to 45 euros in Germany.', LEAVE),
  bad('wrong passage', 'The team lead approves requests for leave.', SECURITY),
  bad('wrong passage', 'The battery lasts about two years.', TABLE),
  bad('wrong passage', 'Laptops must be encrypted with BitLocker.', TRAVEL),
  bad('made up', 'The company pays for a gym membership and a bicycle.', LEAVE),
  bad('made up', 'Business class is booked on flights of more than six hours.', TRAVEL),
  bad('made up', 'The thermostat can be controlled by voice with every assistant.', PRODUCT),
  bad('made up', 'Visitors must be accompanied by a host at all times.', LIST),
  bad(
    'several passages',
    'Dinner is limited to 60 euros abroad, and the canteen closes at noon on Fridays.',
    LEAVE,
    SECURITY,
  ),
  bad('table', 'The room Elbe has 18 seats.', TABLE),
  bad('other language', 'Im Jahr gibt es 25 Urlaubstage für Mitarbeitende.', GERMAN),
  bad('other language', 'Homeoffice ist im Ausland an drei Tagen erlaubt und wird bezahlt.', GERMAN),
  bad('other language', "L'alcool est remboursé.", FRENCH),
  bad('other language', "Les repas sont remboursés jusqu'à 30 euros.", FRENCH),

  good(
    'paraphrase',
    'Contoso contributes 4 percent of the gross salary to the pension plan.',
    PENSION.replace('The company', 'Contoso'),
  ),
  good('paraphrase', 'You become a member once your probation of 6 months is over.', PENSION),
  good('paraphrase', 'Freelancers cannot join the pension plan.', PENSION),
  good('paraphrase', 'The longest flight takes 35 minutes.', DRONE),
  good('paraphrase', 'Flying higher than 120 metres is not allowed.', DRONE),
  good('paraphrase', 'Propellers are excluded from the two-year warranty.', DRONE),
  good('quotation', 'Its camera records 4K video at 60 frames per second.', DRONE),
  good('quotation', 'The next meeting is on 12 September 2026 in Lisbon.', MINUTES),
  good('paraphrase', 'A budget of EUR 3,400,000 for the Porto plant was approved by the board.', MINUTES),
  good('paraphrase', 'The merger with Northwind will not happen before 2027.', MINUTES),
  good('paraphrase', 'Ana Lopez chaired the meeting.', MINUTES),
  good('table', 'P1 tickets get a response within 30 minutes, around the clock.', SLA),
  good('table', 'For priority P3 the response takes up to 2 working days.', SLA),
  good('paraphrase', 'If availability drops under 99.9 % in a month, a credit of 10 % is given.', SLA),
  good('other language', 'Die Miete beträgt monatlich 4200 Euro.', LEASE),
  good('other language', 'Der Mietvertrag läuft ab dem 1.5.2025 für fünf Jahre.', LEASE),
  good('other language', 'La oficina abre de 9:00 a 17:30.', SPANISH),
  bad('number', 'The company pays 6 % of gross salary into the pension plan.', PENSION),
  bad('negation', 'Part-time staff are not included in the pension plan.', PENSION),
  bad('negation', 'Freelancers are included in the pension plan.', PENSION),
  bad('number', 'The SkyLift D5 weighs 1.3 kg.', DRONE),
  bad('name', 'Firmware is updated with the app AirDesk.', DRONE),
  bad('negation', 'You may fly above 120 metres.', DRONE),
  bad('name', 'Chidi Okafor voted against the budget.', MINUTES),
  bad('date', 'The next meeting is on 12 October 2026 in Lisbon.', MINUTES),
  bad('name', 'The next meeting is on 12 September 2026 in Madrid.', MINUTES),
  bad('made up', 'The board praised the team in Porto for its excellent safety record.', MINUTES),
  bad('table', 'P2 tickets get a response within 30 minutes.', SLA),
  bad('number', 'Credits of 15 % are granted when availability falls below 99.9 %.', SLA),
  bad('wrong passage', 'The warranty covers two years.', SLA),
  bad('other language', 'Untervermietung ist gestattet.', LEASE),
  bad('other language', 'Die Kündigungsfrist beträgt drei Monate.', LEASE),
  bad('other language', 'Los viernes de agosto se trabaja hasta las 15:00.', SPANISH),
  bad('made up', 'Employees may choose the funds that the pension plan invests in.', PENSION),
];
