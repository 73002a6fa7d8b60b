import { registerEnumType } from 'type-graphql';

/** Registers a union of words as an enum of the schema, and gives back what decorators name: `@Field(() => TheEnum)`. */
export function enumType<Word extends string>(
  name: string,
  words: readonly Word[],
  description?: string,
): { readonly [Key in Word]: Key } {
  // Each word is mapped to itself, which `Object.fromEntries` cannot express.
  const values = Object.fromEntries(words.map((word) => [word, word])) as { [Key in Word]: Key };
  registerEnumType(values, { name, ...(description === undefined ? {} : { description }) });
  return values;
}
