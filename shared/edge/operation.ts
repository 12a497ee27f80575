import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import type { AuditDetails } from '../audit/audit-details.ts';
import type { Permission } from '../contracts/me.ts';
import type { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Services } from '../services.ts';

/** An answer that is not JSON. */
export interface RawResponse {
  readonly contentType: string;
  readonly description: string;
}
export type ResponseSpec = z.ZodType | RawResponse | null;

/** How errors are told: as problem details (left out), or as clients of OpenAI's API expect them. */
export type ErrorShape = 'openai';

/** `public` needs no token; `signed-in` needs one but no particular permission. */
export type Requirement = Permission | 'public' | 'signed-in';

type PrincipalFor<Q extends Requirement> = Q extends 'public' ? null : Principal;
type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type BodyOf<R> = { [S in keyof R]: R[S] extends z.ZodType ? z.input<R[S]> : undefined }[keyof R];

export interface Call<Q extends Requirement, P, U, B> {
  readonly principal: PrincipalFor<Q>;
  readonly params: Parsed<P>;
  readonly query: Parsed<U>;
  readonly body: Parsed<B>;
  /** The entity tag of `If-Match`, or undefined. */
  readonly ifMatch: string | undefined;
  readonly lastEventId: string | undefined;
  readonly request: HttpRequest;
  readonly services: Services;
}

export interface Reply<T = unknown> {
  /** Left out: the first status that the route declares. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: T;
  readonly etag?: string;
  /** The id of what was acted on, for the audit log, where the body has no `id` and the path does not name it. */
  readonly subject?: string;
  /** More facts about the act, for the audit log. */
  readonly details?: AuditDetails;
  /** Bytes or text instead of JSON. */
  readonly raw?: { readonly contentType: string; readonly content: AsyncIterable<Uint8Array> | Uint8Array | string };
}

export interface Operation<
  Q extends Requirement = Requirement,
  P extends z.ZodObject | undefined = z.ZodObject | undefined,
  U extends z.ZodObject | undefined = z.ZodObject | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  R extends Readonly<Record<number, ResponseSpec>> = Readonly<Record<number, ResponseSpec>>,
> {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without a leading slash; `{name}` marks a parameter. */
  readonly route: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly permission: Q;
  /** What the audit log says has happened when it is done, such as `document.deleted`. Left out: nothing is said. */
  readonly audit?: string;
  /**
   * The route creates something, and may be called again with the same `Idempotency-Key`. A function says what may be kept
   * of an answer that holds a secret.
   */
  readonly idempotent?: true | ((body: BodyOf<R>) => BodyOf<R>);
  readonly params?: P;
  readonly query?: U;
  readonly body?: B;
  /** Left out: 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly errors?: ErrorShape;
  /** The body is a multipart form that the handler reads itself; its fields, for the documentation. */
  readonly form?: z.ZodObject;
  /** The body is JSON that the handler reads itself, for the documentation. */
  readonly ownBody?: z.ZodType;
  /** Headers that a refusal carries besides those of every problem, such as where to sign in. */
  readonly refusalHeaders?: (error: AppError, request: HttpRequest) => Readonly<Record<string, string>>;
  /** The first is the answer of success. */
  readonly responses: R;
  handle(call: Call<Q, P, U, B>): Promise<Reply<BodyOf<R>>>;
}

/** The part of an operation that needs no type parameters: what documentation and tests read. */
export type DeclaredOperation = Omit<Operation, 'handle' | 'idempotent'> & { readonly idempotent?: unknown };

const declared: DeclaredOperation[] = [];

export function declareOperation(operation: DeclaredOperation): void {
  declared.push(operation);
}

/** Every route of the app, in the order of registration. */
export function declaredOperations(): readonly DeclaredOperation[] {
  return declared;
}
