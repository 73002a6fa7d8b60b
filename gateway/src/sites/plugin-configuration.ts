import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '@bulkhead/plugin-sdk';

/**
 * The plugin's configuration, checked against its schema, with defaults filled in.
 * @throws Error that names each path and what is wrong there; values of paths that are marked secret are not printed.
 */
export function checkedConfiguration(schema: JsonSchema, config: unknown, where: string): unknown {
  // A copy: defaults are written into it, and the configuration stays as the file has it.
  const checked = structuredClone(config ?? {});
  const validate = validator(schema);
  if (validate(checked)) return checked;
  const faults = (validate.errors ?? []).map(
    (error) => `  ${where}${error.instancePath.replaceAll('/', '.')}: ${wrong(error)}`,
  );
  throw new Error(`The configuration of ${where} does not fit the plugin:\n${[...new Set(faults)].join('\n')}`);
}

let language: Ajv2020 | undefined;

/** An instance of its own, since two plugins may use the same `$id`; only JSON Schema itself, the costly part, is shared. */
function validator(schema: JsonSchema): ValidateFunction {
  language ??= new Ajv2020();
  void language.validateSchema(schema, true);
  // An unknown keyword is a mistake of the plugin's author; its style is no business of ours.
  const strictness = { strictSchema: true, strictTypes: false };
  const ajv = new Ajv2020({ allErrors: true, useDefaults: true, ...strictness, meta: false, validateSchema: false });
  ajv.addKeyword({ keyword: 'secret', schemaType: 'boolean' });
  return ajv.compile(schema);
}

/** The validator's message never holds the value itself, so a secret cannot get into it. */
function wrong(error: ErrorObject): string {
  switch (error.keyword) {
    case 'required':
      return `"${String(error.params['missingProperty'])}" is missing.`;
    case 'additionalProperties':
      return `"${String(error.params['additionalProperty'])}" is not known here.`;
    case 'enum':
      return `must be one of ${JSON.stringify(error.params['allowedValues'])}.`;
    default:
      return `${error.message ?? 'is not accepted'}.`;
  }
}
