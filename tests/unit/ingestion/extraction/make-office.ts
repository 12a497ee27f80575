import { strToU8, zipSync } from 'fflate';

const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const TYPES = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';
const PRESENTATION = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"';
const R = `xmlns:r="${TYPES}"`;

export interface MadeRelationship {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly external?: boolean;
}

export function relationships(...entries: readonly MadeRelationship[]): string {
  const items = entries.map(
    ({ id, type, target, external }) =>
      `<Relationship Id="${id}" Type="${TYPES}/${type}" Target="${target}"${external ? ' TargetMode="External"' : ''}/>`,
  );
  return `<Relationships xmlns="${RELATIONSHIPS}">${items.join('')}</Relationships>`;
}

/** Makes a file of Office Open XML of its parts. */
export function makePackage(parts: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)] as const);
  return zipSync({ '[Content_Types].xml': strToU8('<Types/>'), ...Object.fromEntries(entries) });
}

export interface MadeSheet {
  readonly name: string;
  readonly state?: string;
  /** What stands in `<worksheet>`. */
  readonly xml: string;
  readonly links?: Readonly<Record<string, string>>;
}

/** Makes a workbook of sheets; `strings` are items of the shared strings, `styles` what stands in the style sheet. */
export function makeXlsx(
  sheets: readonly MadeSheet[],
  { strings = '', styles = '', properties = '', prologue = '' } = {},
): Uint8Array {
  const list = sheets.map(
    ({ name, state }, index) => `<sheet name="${name}" r:id="s${index}"${state ? ` state="${state}"` : ''}/>`,
  );
  const parts: Record<string, string> = {
    '_rels/.rels': relationships({ id: 'main', type: 'officeDocument', target: 'xl/workbook.xml' }),
    'xl/workbook.xml': `<workbook ${R}>${properties}<sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships(
      ...sheets.map((_, index) => ({ id: `s${index}`, type: 'worksheet', target: `worksheets/sheet${index}.xml` })),
      { id: 'strings', type: 'sharedStrings', target: '/xl/sharedStrings.xml' },
      { id: 'styles', type: 'styles', target: 'styles.xml' },
    ),
    'xl/sharedStrings.xml': `${prologue}<sst>${strings}</sst>`,
    'xl/styles.xml': `<styleSheet>${styles}</styleSheet>`,
  };
  for (const [index, { xml, links = {} }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${index}.xml`] = `<worksheet ${R}>${xml}</worksheet>`;
    parts[`xl/worksheets/_rels/sheet${index}.xml.rels`] = relationships(
      ...Object.entries(links).map(([id, target]) => ({ id, type: 'hyperlink', target, external: true })),
    );
  }
  return makePackage(parts);
}

export interface MadeSlide {
  /** Shapes: what stands in `<p:spTree>`. */
  readonly xml: string;
  readonly hidden?: boolean;
  readonly notes?: string;
  readonly diagram?: string;
  readonly links?: Readonly<Record<string, string>>;
}

/** Makes a presentation; its slides lie in files of other numbers than theirs, as after moving them about. */
export function makePptx(slides: readonly MadeSlide[]): Uint8Array {
  const fileOf = (index: number) => `slide${slides.length - index}.xml`;
  const parts: Record<string, string> = {
    '_rels/.rels': relationships({ id: 'main', type: 'officeDocument', target: 'ppt/presentation.xml' }),
    'ppt/presentation.xml': `<p:presentation ${PRESENTATION} ${R}><p:sldIdLst>${slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="s${index}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relationships(
      ...slides.map((_, index) => ({ id: `s${index}`, type: 'slide', target: `slides/${fileOf(index)}` })),
    ),
  };
  for (const [index, { xml, hidden, notes, diagram, links = {} }] of slides.entries()) {
    const tree = (shapes: string) => `<p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>`;
    const names = `${PRESENTATION} ${DRAWING} ${R}`;
    parts[`ppt/slides/${fileOf(index)}`] = `<p:sld ${names}${hidden ? ' show="0"' : ''}>${tree(xml)}</p:sld>`;
    parts[`ppt/slides/_rels/${fileOf(index)}.rels`] = relationships(
      ...(notes ? [{ id: 'notes', type: 'notesSlide', target: `../notesSlides/${fileOf(index)}` }] : []),
      ...(diagram ? [{ id: 'diagram', type: 'diagramData', target: `../diagrams/${fileOf(index)}` }] : []),
      ...Object.entries(links).map(([id, target]) => ({ id, type: 'hyperlink', target, external: true })),
    );
    if (notes) parts[`ppt/notesSlides/${fileOf(index)}`] = `<p:notes ${names}>${tree(notes)}</p:notes>`;
    if (diagram)
      parts[`ppt/diagrams/${fileOf(index)}`] = `<dgm:dataModel xmlns:dgm="urn:d" ${DRAWING}>${diagram}</dgm:dataModel>`;
  }
  return makePackage(parts);
}

/** A shape with paragraphs of text. @param placeholder such as `title` or `body`; left out, a text box */
export function shape(paragraphs: readonly string[], placeholder?: string, hidden = false): string {
  const place = placeholder === undefined ? '' : `<p:ph${placeholder === '' ? ' idx="1"' : ` type="${placeholder}"`}/>`;
  const texts = paragraphs.map((text) => (text.startsWith('<') ? text : `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>`));
  return `<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"${hidden ? ' hidden="1"' : ''}/><p:nvPr>${place}</p:nvPr></p:nvSpPr><p:txBody>${texts.join('')}</p:txBody></p:sp>`;
}
