/** One operation's text with the types of its variables and its result. */
export interface TypedDocument<Result, Variables> {
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly text: string;
  /** Never set; carries the types. */
  readonly types?: { readonly variables: Variables; readonly result: Result };
}
