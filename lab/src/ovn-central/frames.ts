import type { DhcpLease } from '../fabric.ts';

/** What a DHCP server offered. */
export interface DhcpOffer extends DhcpLease {
  serverId: string;
  leaseSeconds: number;
  dns: string[];
}

export interface FrameSource {
  /** As the Ethernet source says. */
  mac: string;
  /** Untagged when absent. */
  vlanId?: number;
}

const broadcast = 'ff:ff:ff:ff:ff:ff';
const [ethernetIpv4, ethernetArp, ethernetVlan] = [0x0800, 0x0806, 0x8100];
const magicCookie = 0x63825363;
const option = { subnetMask: 1, router: 3, dns: 6, leaseTime: 51, messageType: 53, serverId: 54, requested: 55 };

/** A DHCPDISCOVER; `clientMac` is what it claims inside, by default its own. */
export function dhcpDiscover({ mac, vlanId }: FrameSource, transaction: number, clientMac = mac): Buffer {
  const message = Buffer.alloc(300);
  message.writeUInt32BE(0x01010600, 0);
  message.writeUInt32BE(transaction, 4);
  message.writeUInt16BE(0x8000, 10);
  macBytes(clientMac).copy(message, 28);
  message.writeUInt32BE(magicCookie, 236);
  const wanted = [option.subnetMask, option.router, option.dns, option.leaseTime];
  Buffer.from([option.messageType, 1, 1, option.requested, wanted.length, ...wanted, 255]).copy(message, 240);
  const addresses = { from: '0.0.0.0', to: '255.255.255.255', sourcePort: 68, destinationPort: 67 };
  return udpFrame({ mac, ...(vlanId === undefined ? {} : { vlanId }) }, broadcast, addresses, message);
}

/** An ARP request: who has `target`, tell `ip` at `senderMac`, which is the frame's own source unless it lies. */
export function arpRequest(source: FrameSource, ip: string, target: string, senderMac = source.mac): Buffer {
  const request = Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4, 0, 1]),
    macBytes(senderMac),
    ipBytes(ip),
    Buffer.alloc(6),
    ipBytes(target),
  ]);
  return ethernet(source, broadcast, ethernetArp, request);
}

export interface UdpAddresses {
  from: string;
  to: string;
  sourcePort: number;
  destinationPort: number;
}

export function udpFrame(source: FrameSource, destination: string, addresses: UdpAddresses, payload: Buffer): Buffer {
  const { from, to, sourcePort, destinationPort } = addresses;
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(sourcePort, 0);
  udp.writeUInt16BE(destinationPort, 2);
  udp.writeUInt16BE(udp.length + payload.length, 4);
  const ip = Buffer.alloc(20);
  ip.writeUInt16BE(0x4500, 0);
  ip.writeUInt16BE(ip.length + udp.length + payload.length, 2);
  ip.writeUInt16BE(0x4011, 8);
  ipBytes(from).copy(ip, 12);
  ipBytes(to).copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  return ethernet(source, destination, ethernetIpv4, Buffer.concat([ip, udp, payload]));
}

/** The offer that a frame is, when it answers this transaction. */
export function readDhcpOffer(frame: Buffer, transaction: number): DhcpOffer | undefined {
  const { type, payload } = readEthernet(frame);
  // Too short for a DHCP message, or no UDP to the client's port.
  if (type !== ethernetIpv4 || payload.length < 268 || payload[9] !== 17) return undefined;
  if (payload.readUInt16BE(22) !== 68) return undefined;
  const message = payload.subarray(28);
  if (message.readUInt32BE(4) !== transaction) return undefined;
  const options = readOptions(message.subarray(240));
  if (options.get(option.messageType)?.[0] !== 2) return undefined;
  const router = options.get(option.router);
  const dns = options.get(option.dns) ?? Buffer.alloc(0);
  return {
    ip: ipText(message.subarray(16, 20)),
    prefixLength: bitsOf(options.get(option.subnetMask)),
    ...(router ? { router: ipText(router) } : {}),
    serverId: ipText(options.get(option.serverId) ?? Buffer.alloc(4)),
    leaseSeconds: options.get(option.leaseTime)?.readUInt32BE(0) ?? 0,
    dns: Array.from({ length: dns.length / 4 }, (_, index) => ipText(dns.subarray(4 * index, 4 * index + 4))),
  };
}

/** Whether a frame tells `asker` the MAC of `target`. */
export function isArpReply(frame: Buffer, target: string, asker: string): boolean {
  const { type, payload } = readEthernet(frame);
  if (type !== ethernetArp || payload.readUInt16BE(6) !== 2) return false;
  return ipText(payload.subarray(14, 18)) === target && ipText(payload.subarray(24, 28)) === asker;
}

function readEthernet(frame: Buffer): { type: number; payload: Buffer } {
  const type = frame.readUInt16BE(12);
  return type === ethernetVlan
    ? { type: frame.readUInt16BE(16), payload: frame.subarray(18) }
    : { type, payload: frame.subarray(14) };
}

function readOptions(text: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 0; at < text.length && text[at] !== 255;) {
    const [code = 0, length = 0] = text.subarray(at, at + 2);
    if (code === 0) at += 1;
    else {
      options.set(code, text.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return options;
}

function ethernet({ mac, vlanId }: FrameSource, destination: string, type: number, payload: Buffer): Buffer {
  const tag = vlanId === undefined ? [] : [ethernetVlan >> 8, ethernetVlan & 255, vlanId >> 8, vlanId & 255];
  const frame = [macBytes(destination), macBytes(mac), Buffer.from([...tag, type >> 8, type & 255]), payload];
  const padding = Math.max(0, 64 - frame.reduce((sum, { length }) => sum + length, 0));
  return Buffer.concat([...frame, Buffer.alloc(padding)]);
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
const ipBytes = (ip: string): Buffer => Buffer.from(ip.split('.').map(Number));
const ipText = (bytes: Buffer): string => [...bytes.subarray(0, 4)].join('.');
const bitsOf = (mask: Buffer | undefined): number =>
  [...(mask ?? [])].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
