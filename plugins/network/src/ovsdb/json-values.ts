import { StringDecoder } from 'node:string_decoder';

/**
 * Reads JSON values that follow each other without a delimiter, as OVSDB sends them: a value ends where its outermost
 * brace closes, and braces inside strings do not count.
 */
export class JsonValues {
  private readonly decoder = new StringDecoder('utf8');
  private text = '';
  private scanned = 0;
  private depth = 0;
  private isInString = false;

  /** The values that this chunk completes. @throws SyntaxError when the stream is no JSON. */
  push(chunk: Uint8Array): unknown[] {
    // A character may be split between two chunks: the decoder keeps its first bytes.
    this.text += this.decoder.write(Buffer.from(chunk));
    const values: unknown[] = [];
    let start = 0;
    let i = this.scanned;
    for (; i < this.text.length; i += 1) {
      const char = this.text[i];
      if (this.isInString) {
        if (char === '\\')
          i += 1; // may step past the end: `scanned` remembers that
        else if (char === '"') this.isInString = false;
      } else if (char === '"') this.isInString = true;
      else if (char === '{' || char === '[') this.depth += 1;
      else if (char === '}' || char === ']') {
        this.depth -= 1;
        if (this.depth > 0) continue;
        values.push(JSON.parse(this.text.slice(start, i + 1)));
        start = i + 1;
      } else if (this.depth === 0 && !/\s/.test(char ?? '')) throw new SyntaxError('a value outside of any object');
    }
    this.text = this.text.slice(start);
    this.scanned = i - start;
    return values;
  }
}
