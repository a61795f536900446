import { type RequestInfo, TursoError } from "./TursoError.js";

/** The API answered 200 with something that is not what the call promises. */
export class TursoResponseError extends TursoError {
  override readonly mayHaveBeenApplied = true;
  override readonly isTransient = false;

  constructor(request: RequestInfo, problem: string) {
    super(
      request,
      `${request.method} ${request.path}: the answer cannot be used: ${problem}\nCheck that the base URL is the Turso Platform API's.`,
    );
  }
}
