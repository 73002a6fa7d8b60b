import type { PluginCall, TargetHostObservation } from '@bulkhead/plugin-sdk';
import { at, textAt } from '../soap/element.ts';
import { readXml } from '../soap/read-xml.ts';
import { writeBody, writeEnvelope } from '../soap/write-xml.ts';
import { serviceInstance } from './session.ts';
import type { Transport } from './transport.ts';

/**
 * Asks for the service content without signing in. Never throws for a host that is down. One that shows another
 * certificate than the pinned one counts as down, and its certificate is told.
 */
export async function observeEndpoint(
  transport: Transport,
  pinnedSha256: string | undefined,
  call: PluginCall,
): Promise<TargetHostObservation> {
  try {
    const answer = await transport.request(
      {
        method: 'POST',
        path: '/sdk',
        headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: 'urn:vim25/6.5' },
        body: writeEnvelope(writeBody('RetrieveServiceContent', serviceInstance, {}), call.callId),
        timeoutMs: 10_000,
      },
      call.signal,
    );
    const content =
      answer.status === 200 ? at(readXml(answer.text), 'Body.RetrieveServiceContentResponse.returnval') : undefined;
    const shown = transport.shownSha256;
    const isPinned = pinnedSha256 === undefined || shown === pinnedSha256;
    const product = textAt(content, 'about.fullName') ?? textAt(content, 'about.name');
    return {
      isUp: content !== undefined && isPinned,
      ...(shown === undefined ? {} : { certificateSha256: shown }),
      ...(product === undefined || !isPinned ? {} : { product }),
    };
  } catch (error) {
    call.log.debug({ address: transport.address, reason: String(error) }, 'the target host does not answer');
    const shown = transport.shownSha256;
    return { isUp: false, ...(shown === undefined ? {} : { certificateSha256: shown }) };
  } finally {
    await transport.close();
  }
}
