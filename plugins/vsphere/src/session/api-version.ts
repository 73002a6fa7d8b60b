import { all, textAt } from '../soap/element.ts';
import { readXml } from '../soap/read-xml.ts';

/** Releases of vim25 that our tables fit, newest first. The server shapes its answers to the one that we name. */
const known = [
  '9.0.0.0',
  '8.0.3.0',
  '8.0.2.0',
  '8.0.1.0',
  '8.0.0.1',
  '7.0.3.0',
  '7.0.2.0',
  '7.0.1.0',
  '7.0',
  '6.7.3',
  '6.7.2',
  '6.7.1',
  '6.7',
  '6.5',
];
const oldest = '6.5';

/** The newest release that both sides know, from the server's `vimServiceVersions.xml`. */
export function chooseVersion(document: string | undefined): string {
  if (document === undefined) return oldest;
  let offered: string[];
  try {
    const vim25 = all(readXml(document), 'namespace').find((space) => textAt(space, 'name') === 'urn:vim25');
    offered = [...all(vim25, 'version'), ...all(vim25, 'priorVersions.version')].flatMap((one) => textAt(one) ?? []);
  } catch {
    return oldest;
  }
  return known.find((version) => offered.includes(version)) ?? oldest;
}
