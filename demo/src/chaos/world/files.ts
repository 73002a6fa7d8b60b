import { createHash } from 'node:crypto';
import type { NfsFile } from '@bulkhead/lab';
import type { PlainObject } from './plain.ts';

/** More text than this is told by its hash. */
const LONGEST_TEXT = 4000;

/** Lines that say when and where a file was written, and not what it holds. */
const volatileLines: readonly { file: RegExp; line: RegExp; why: string }[] = [
  {
    file: /\.vm(x|sn)$/,
    line: /^uuid\.location = /,
    why: 'names the place where the machine last ran, as of its last write',
  },
  { file: /\.vmdk$/, line: /^(CID|parentCID)=/, why: 'drawn at random for each new file; the chain is told by names' },
];

// A file of the lab is never changed in place, only replaced: what was made of it once stays true.
const marks = new WeakMap<NfsFile, Map<string, PlainObject>>();

/** All files of a store: what each claims to be long, and what it holds. */
export function markFiles(files: ReadonlyMap<string, NfsFile>, portGroupName: (key: string) => string): PlainObject {
  const marked: PlainObject = {};
  for (const [path, file] of files) {
    const name = nameOf(path, files);
    let known = marks.get(file);
    if (!known) marks.set(file, (known = new Map<string, PlainObject>()));
    let mark = known.get(name);
    if (!mark) known.set(name, (mark = markOf(name, file, portGroupName)));
    marked[name] = mark;
  }
  return marked;
}

function markOf(name: string, file: NfsFile, portGroupName: (key: string) => string): PlainObject {
  const text = file.content.toString('utf8');
  if (name.includes('.lck of ')) {
    // `instance host moRef`: the last is dealt out anew with each registration.
    return { heldBy: text.split(' ').slice(0, -1).join(' ') };
  }
  // Text of a descriptor is as long as what it says; a disk's length is its own.
  if (/\.(vmx|vmsd|vmsn)$/.test(name) || (name.endsWith('.vmdk') && text.startsWith('# Disk DescriptorFile'))) {
    const dropped = volatileLines.filter(({ file: kind }) => kind.test(name));
    const lines = text
      .split('\n')
      .filter((line) => line !== '' && !dropped.some(({ line: volatile }) => volatile.test(line)))
      .map((line) => line.replace(/(?<=\.dvs\.portgroupId = ")[^"]*/, portGroupName));
    return { lines: lines.sort() };
  }
  const holds = text.length > LONGEST_TEXT ? `sha256 ${createHash('sha256').update(file.content).digest('hex')}` : text;
  return { sizeBytes: file.sizeBytes, holds };
}

/** A lock's name is a hash of the path that it locks: named here by the machine's file. */
function nameOf(path: string, files: ReadonlyMap<string, NfsFile>): string {
  const [, folder, hash] = /^(.*\/)\.lck-([0-9a-f]{16})$/.exec(path) ?? [];
  if (folder === undefined) return path;
  for (const vmx of files.keys()) {
    if (!vmx.startsWith(folder) || !vmx.endsWith('.vmx')) continue;
    if (
      createHash('sha1')
        .update(vmx)
        .digest('hex')
        .startsWith(hash ?? ' ')
    ) {
      return `${folder}.lck of ${vmx.slice(folder.length)}`;
    }
  }
  return path;
}
