/** A refusal in Qdrant's words, carried to the one place that writes HTTP answers. */
export class QdrantError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'QdrantError';
    this.status = status;
  }
}

/** 400: the request is well formed but does not fit the collection. */
export const wrongInput = (description: string): QdrantError => new QdrantError(400, `Wrong input: ${description}`);

/** 400: the request asks for something that makes no sense. */
export const badRequest = (description: string): QdrantError => new QdrantError(400, `Bad request: ${description}`);

/** 400: the body is not the JSON that the endpoint reads. */
export const formatError = (description: string): QdrantError =>
  new QdrantError(400, `Format error in JSON body: ${description}`);

/** 422: the body reads well but a value is out of its range. */
export const validationError = (field: string, description: string): QdrantError =>
  new QdrantError(422, `Validation error in JSON body: [${field}: ${description}]`);

/** 404: the named thing is not there. */
export const notFound = (description: string): QdrantError => new QdrantError(404, `Not found: ${description}`);

/** 409: the name is taken. */
export const conflict = (description: string): QdrantError => new QdrantError(409, `Wrong input: ${description}`);
