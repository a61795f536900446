/** Errors on the wire. */

import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { PartialError } from "../../lifecycle/errors.js";
import { toStruct, withSecrets } from "./values.js";

/** What the engine is answered when an operation fails. Of a partial success, it learns what there is now. */
export function failureOf(error: unknown, secrets: readonly string[] = []): Partial<grpc.StatusObject> {
  // gRPC throws on a lone surrogate, outside of any call, and that ends the process.
  const message = (error instanceof Error ? error.message : String(error)).toWellFormed();
  if (!(error instanceof PartialError)) return { code: grpc.status.UNKNOWN, details: message };
  const detail = new ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(withSecrets(error.outputs, secrets)))
    .setReasonsList([message]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([packed]);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
