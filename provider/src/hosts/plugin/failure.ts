/** Errors as gRPC sends them. */

import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { PartialError } from "../../lifecycle/errors.js";
import { toStruct, withSecrets } from "../values.js";

/** The response for a failed operation. For a partial failure, it includes what exists now. */
export function failureOf(error: unknown, secrets: readonly string[] = []): Partial<grpc.StatusObject> {
  // A lone surrogate makes gRPC throw outside of any call, which ends the process.
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
