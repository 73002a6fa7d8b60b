import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { socketProtocol, type SocketProtocolOptions } from './socket-protocol.ts';

export interface SocketOptions extends SocketProtocolOptions {
  path: string;
  allowedOrigins: readonly string[];
}

const largestMessage = 64 * 1024;
/** What may wait for a client that does not read; beyond it the client is let go. */
const largestBacklog = 4 * 1024 * 1024;
const pingMs = 12_000;
const goElsewhere = 1012;
const internalError = 4500;
/** How long a client may take to answer our goodbye. */
const closeMs = 2_000;

/** Subscriptions (and everything else) over graphql-transport-ws, on the port of the HTTP server. */
export function serveSockets(server: Server, options: SocketOptions): { close(): Promise<void> } {
  const { log, metrics } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: largestMessage,
    handleProtocols: (offered) => handleProtocols(offered),
  });
  const protocol = socketProtocol(options);

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that resets the connection meanwhile is no reason for this process to end.
    socket.on('error', () => socket.destroy());
    const [pathname] = (request.url ?? '').split('?');
    const { origin } = request.headers;
    const isForeign = origin !== undefined && !options.allowedOrigins.includes(origin);
    if (pathname !== options.path || isForeign) {
      socket.end(`HTTP/1.1 ${isForeign ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => serve(ws, request));
  };
  server.on('upgrade', onUpgrade);

  function serve(socket: WebSocket, request: IncomingMessage): void {
    metrics.sockets.inc();
    // A frame that is too large or malformed: ws closes the socket with its own code.
    socket.on('error', (error) => log.debug({ error: error.message }, 'A socket failed.'));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            // A failure to send is followed by the close event, which ends everything on this socket.
            socket.send(text, () => resolve());
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (read) =>
          socket.on('message', (data) => {
            if (socket.bufferedAmount > largestBacklog) return socket.terminate();
            // With ws's own settings a message is one buffer.
            read(Buffer.isBuffer(data) ? data.toString('utf8') : '').catch((error: unknown) => {
              log.error({ error: error instanceof Error ? error.name : typeof error }, 'A socket’s message failed.');
              socket.close(internalError, 'Internal server error');
            });
          }),
        onPing: async (payload) => {
          // Pings may carry a new token: it is not sent back.
          socket.send(JSON.stringify({ type: 'pong' }));
          if (payload && 'authorization' in payload) await protocol.renew(socket, request, payload['authorization']);
        },
      },
      { socket, request },
    );
    const heartbeat = keepAlive(socket);
    socket.once('close', (code, reason) => {
      clearInterval(heartbeat);
      metrics.sockets.dec();
      void closed(code, String(reason));
    });
  }

  return {
    async close() {
      server.off('upgrade', onUpgrade);
      const clients = [...sockets.clients];
      const gone = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
      for (const client of clients) client.close(goElsewhere, 'Service Restart');
      const patience = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, closeMs);
      await Promise.all(gone);
      clearTimeout(patience);
      sockets.close();
    },
  };
}

/** Ends a socket whose other side no longer answers. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let isWaiting = false;
  socket.on('pong', () => {
    isWaiting = false;
  });
  return setInterval(() => {
    if (isWaiting) return socket.terminate();
    isWaiting = true;
    socket.ping();
  }, pingMs).unref();
}
