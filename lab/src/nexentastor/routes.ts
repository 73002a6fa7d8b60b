import type { z } from 'zod';
import type { Row } from './listing.ts';
import type { World } from './world.ts';

/** What a node knows when it answers. */
export interface NodeView {
  world: World;
  /** Whether the pools are imported on this node: elsewhere nothing of them exists. */
  isOwner: boolean;
  guid: string;
  version: string;
  clusterNodes: readonly string[];
}

/** What was read from a request that fits its route's schemas. */
export interface RouteInput<Query, Body> {
  /** The dataset, snapshot, share or service that the path names; empty where it names none. */
  target: string;
  query: Query;
  body: Body;
  /** For links to further pages: the path and query as sent. */
  path: string;
  search: string;
}

export interface Change {
  changed: boolean;
  /** 201, with the object's name in `Location`. */
  created?: string;
}

/** The types of query and body are known where a route is made; the table of routes has forgotten them. */
export type Effect =
  | { kind: 'read'; run(view: NodeView, request: UnreadRequest): Row }
  | { kind: 'change'; read(request: UnreadRequest): { about: string; run(view: NodeView): Change } };

export interface UnreadRequest {
  target: string;
  query: unknown;
  body: unknown;
  path: string;
  search: string;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/storage/filesystems/{dataset}`: with the method, the name of the call in rules and journal. */
  template: string;
  /** Whether it is about what lies on the pools. */
  isAboutPools: boolean;
  effect: Effect;
}

export function get<Query extends z.ZodType>(
  template: string,
  query: Query,
  run: (view: NodeView, input: RouteInput<z.output<Query>, undefined>) => Row,
  isAboutPools = true,
): Route {
  return {
    method: 'GET',
    template,
    isAboutPools,
    effect: {
      kind: 'read',
      run: (view, request) => run(view, { ...request, query: query.parse(request.query), body: undefined }),
    },
  };
}

export function change<Query extends z.ZodType, Body extends z.ZodType>(
  method: 'POST' | 'PUT' | 'DELETE',
  template: string,
  schemas: { query: Query; body: Body },
  about: (input: RouteInput<z.output<Query>, z.output<Body>>) => string,
  run: (world: World, input: RouteInput<z.output<Query>, z.output<Body>>) => Change,
): Route {
  return {
    method,
    template,
    isAboutPools: true,
    effect: {
      kind: 'change',
      read: (request) => {
        const input = { ...request, query: schemas.query.parse(request.query), body: schemas.body.parse(request.body) };
        return { about: about(input), run: (view) => run(view.world, input) };
      },
    },
  };
}

/** Finds the route and the one decoded segment that its path may hold. Dataset paths arrive as one encoded segment. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; target: string } | undefined {
  const segments = path.split('/');
  for (const route of routes) {
    if (route.method !== method) continue;
    const parts = route.template.split('/');
    if (parts.length !== segments.length) continue;
    if (!parts.every((part, i) => part.startsWith('{') || part === segments[i])) continue;
    const named = parts.findIndex((part) => part.startsWith('{'));
    return { route, target: named < 0 ? '' : decodeURIComponent(segments[named] ?? '') };
  }
  return undefined;
}
