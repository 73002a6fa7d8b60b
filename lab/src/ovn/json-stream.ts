/**
 * Cuts a stream of JSON objects that follow each other without a delimiter. Works on bytes: in UTF-8 no byte of a
 * longer character looks like a brace or a quote.
 */
export function jsonStream(onValue: (value: unknown) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  return (chunk) => {
    let start = 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i];
      if (isEscaped) isEscaped = false;
      else if (isInString) {
        if (byte === 0x5c) isEscaped = true;
        else if (byte === 0x22) isInString = false;
      } else if (byte === 0x22) isInString = true;
      else if (byte === 0x7b || byte === 0x5b) depth += 1;
      else if (byte === 0x7d || byte === 0x5d) {
        depth -= 1;
        if (depth > 0) continue;
        const text = Buffer.concat([...pending, chunk.subarray(start, i + 1)]).toString('utf8');
        pending = [];
        start = i + 1;
        depth = 0;
        onValue(JSON.parse(text));
      }
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  };
}
