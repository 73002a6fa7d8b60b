import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { enumWords, errorCodeWords } from './enum-words.ts';
import { commonWords, ownWords, typeWords } from './field-words.ts';

interface Described {
  description?: string | null | undefined;
}

/**
 * Gives every part of the schema that its own file leaves without words the words that such parts share. Many types have
 * an `id` or a `createdAt`, and what each mutation's payload is need not be said in each domain.
 */
export function describeSchema(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    say(type, typeWords[type.name] ?? wordsByName(type.name));
    if (isEnumType(type)) {
      for (const value of type.getValues()) {
        say(
          value,
          enumWords[`${type.name}.${value.name}`] ?? (isErrorCode(type.name) ? errorCodeWords[value.name] : undefined),
        );
      }
    }
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const path = `${type.name}.${field.name}`;
      say(field, ownWords[path] ?? commonWords[field.name]);
      if (!('args' in field)) continue;
      for (const argument of field.args)
        say(argument, ownWords[`${path}.${argument.name}`] ?? commonWords[argument.name]);
    }
  }
}

function say(part: Described, words: string | undefined): void {
  if (!part.description && words !== undefined) part.description = words;
}

const isErrorCode = (name: string) => name.endsWith('ErrorCode');

/** What a type made by a factory is, from its name. */
function wordsByName(name: string): string | undefined {
  const [, subject, suffix] = /^(\w+?)(Connection|Edge|Payload|UserError|Input)$/.exec(name) ?? [];
  if (subject === undefined) return undefined;
  const mutation = subject.charAt(0).toLowerCase() + subject.slice(1);
  switch (suffix) {
    case 'Connection':
      return `A page of a list of \`${subject}\`.`;
    case 'Edge':
      return `An item of a list of \`${subject}\`, with its place.`;
    case 'Payload':
      return `The answer of \`${mutation}\`: its object, or at least one user error.`;
    case 'UserError':
      return `Why \`${mutation}\` was refused.`;
    default:
      return `What \`${mutation}\` is told.`;
  }
}
