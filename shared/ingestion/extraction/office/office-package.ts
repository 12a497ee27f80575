import { ExtractionError } from '../extraction-error.ts';
import { openZipArchive } from '../zip-archive.ts';
import { readXml, type XmlAttributes } from './xml-events.ts';

export interface Relationship {
  readonly id: string;
  /** The last part of its type, such as `slide` or `styles`. */
  readonly type: string;
  /** The name of the part that it leads to. */
  readonly part: string;
}

interface RelationshipEntry {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly isExternal: boolean;
}

/** A file of Office Open XML (ECMA-376 part 2): parts, and relationships between them. */
export interface OfficePackage {
  readonly has: (part: string) => boolean;
  /** Throws `damaged` for a part that is not there, `too-large` past the decompressed bytes that are allowed. */
  readonly read: (part: string) => Uint8Array;
  /** In the order of the file; those that lead out of the file are not among them. */
  readonly relationshipsOf: (part: string) => readonly Relationship[];
  /** The URLs of a part's links, by the relationship's id. They are text: nothing is ever fetched. */
  readonly linksOf: (part: string) => ReadonlyMap<string, string>;
  /** The part that the document begins with. */
  readonly mainPart: (usual: string) => string;
}

export function openOfficePackage(bytes: Uint8Array, maxDecompressedBytes: number): OfficePackage {
  const archive = openZipArchive(bytes, maxDecompressedBytes);
  const entriesOf = (part: string): RelationshipEntry[] => {
    const name = relationshipsPart(part);
    return archive.has(name) ? readRelationships(archive.read(name)) : [];
  };
  const relationshipsOf = (part: string): Relationship[] =>
    entriesOf(part).flatMap(({ id, type, target, isExternal }) =>
      isExternal ? [] : [{ id, type, part: resolvePart(part, target) }],
    );
  return {
    has: archive.has,
    read: archive.read,
    relationshipsOf,
    linksOf: (part) => {
      const links = entriesOf(part).filter(({ type, isExternal }) => isExternal && type === 'hyperlink');
      return new Map(links.map(({ id, target }) => [id, target]));
    },
    mainPart: (usual) => {
      const main = relationshipsOf('').find(({ type }) => type === 'officeDocument')?.part ?? usual;
      if (!archive.has(main)) throw new ExtractionError('damaged', { cause: 'the main part is missing' });
      return main;
    },
  };
}

/** The relationship that an element names, whatever prefix its file gives to the namespace. */
export function relationshipIdOf(attributes: XmlAttributes): string | undefined {
  const name = Object.keys(attributes).find((key) => key.endsWith(':id'));
  return name === undefined ? undefined : attributes[name];
}

function relationshipsPart(part: string): string {
  const slash = part.lastIndexOf('/') + 1;
  return `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
}

function readRelationships(xml: Uint8Array): RelationshipEntry[] {
  const found: RelationshipEntry[] = [];
  readXml(xml, {
    open: (name, { Id, Type, Target, TargetMode }) => {
      if (name !== 'Relationship' || !Id || !Type || !Target) return;
      const type = Type.slice(Type.lastIndexOf('/') + 1);
      found.push({ id: Id, type, target: Target, isExternal: TargetMode === 'External' });
    },
  });
  return found;
}

function resolvePart(source: string, target: string): string {
  const folder = target.startsWith('/') ? [] : source.split('/').slice(0, -1);
  const path: string[] = [...folder];
  for (const step of target.split('/')) {
    if (step === '..') path.pop();
    else if (step !== '.' && step !== '') path.push(step);
  }
  return path.join('/');
}
