import { SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';

/** Does nothing until the process that runs the gateway registers an OpenTelemetry SDK. */
const tracer = trace.getTracer('bulkhead');

/** Runs `fn` in a span. Attributes hold ids and names of ours, never a secret and never a backend's text. */
export function inSpan<T>(name: string, attributes: Attributes, fn: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await fn();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** For where a callback begins what another ends. */
export function startSpan(name: string, attributes: Attributes): Span {
  return tracer.startSpan(name, { attributes });
}
