// Peer: `ws` alone. Whoever connects gets the first frame, and each further one goes to all as it is.
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { ready } from '../runner/answers.ts';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');
let first = '';
server.on('connection', (socket) => socket.send(first));

ready({
  // A server that listens on TCP has an address with a port.
  url: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  begin: (frame: string) => {
    first = frame;
  },
  publish: (frame: string) => {
    for (const socket of server.clients) socket.send(frame);
  },
});
