import { afterAttempts, type RequestInfo, TursoError } from "./TursoError.js";

/** The API responded with 200, but with a body that the call cannot use. */
export class TursoResponseError extends TursoError {
  override readonly mayHaveBeenApplied = true;
  override readonly isTransient = false;

  constructor(request: RequestInfo, problem: string) {
    const summary = `${request.method} ${request.path}: invalid response: ${problem}${afterAttempts(request)}`;
    super(request, `${summary}\nCheck that the base URL points to the Turso Platform API.`);
  }
}
