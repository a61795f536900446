/** The settings of a provider: what the engine checks and compares before it configures the plugin. */
import { isDeepStrictEqual } from "node:util";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { messageOf } from "../../lifecycle/errors.js";
import { readSettings, SETTINGS, unknownArguments, unknownKeys } from "../../lifecycle/settings.js";
import { parseUrn } from "../../lifecycle/urn.js";
import type { State } from "../../lifecycle/values.js";
import { fromStruct, plain, toStruct, withSecrets } from "../values.js";
import { type Session, text } from "./session.js";

const SECRET_SETTINGS = Object.entries(SETTINGS).flatMap(([name, setting]) =>
  "secret" in setting ? [name] : [],
);

/** Settings that the engine adds itself. */
const ENGINES = ["version", "pluginDownloadURL"];

/**
 * Whether it is the default provider, which the engine configures from stack configuration, e.g.
 * `default_0_1_0`.
 */
const isDefault = (name: string) => /^default(_|$)/.test(name);

/** The methods of `pulumirpc.ResourceProvider` about settings. */
export function configurationMethods(session: Session) {
  return {
    checkConfig: session.unary((request: pb.CheckRequest) => checkConfig(session, request)),

    // Another token or organization does not replace the resources of the provider.
    diffConfig: session.unary((request: pb.DiffRequest) => {
      const [olds, news] = [request.getOlds(), request.getNews()].map((struct) => plain(fromStruct(struct)));
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(isDeepStrictEqual(olds, news) ? DIFF_NONE : DIFF_SOME);
    }),

    configure: session.unary((request: pb.ConfigureRequest) => {
      // Not every command sends a URN. Without one, the name is "".
      const { name } = parseUrn(request.getUrn() ?? "");
      const provider = name === "" || isDefault(name) ? undefined : name;
      session.configure(plain(fromStruct(request.getArgs())) as State, provider);
      return new pb.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),
  };
}

function checkConfig({ log }: Session, request: pb.CheckRequest): pb.CheckResponse {
  const news = plain(fromStruct(request.getNews())) as State;
  const { project, name } = parseUrn(request.getUrn());
  const names = Object.keys(news).filter((key) => !ENGINES.includes(key) && !key.startsWith("__"));
  if (isDefault(name)) {
    const keys = names.map((key) => `turso:${key}`);
    for (const warning of unknownKeys(keys, project)) log.warn(request.getUrn(), warning);
  }
  const reasons = isDefault(name) ? [] : unknownArguments(names);
  try {
    readSettings((key) => text(news[key.replace(/^turso:/, "")]));
  } catch (error) {
    reasons.push(messageOf(error));
  }
  // The failures name no property, because the engine would show its value, which may be a token.
  const failures = reasons.map((reason) => new pb.CheckFailure().setReason(reason));
  // State records what is returned here. Tokens become secrets, even if the program set them in plain text.
  const inputs = toStruct(withSecrets(news, SECRET_SETTINGS));
  return new pb.CheckResponse().setInputs(inputs).setFailuresList(failures);
}
