import { many, map, one, optional, reference, references, type DatabaseSchema } from './schema.ts';

/**
 * The tables of OVN's northbound schema 7.0.0 that a gateway of ours, `ovn-nbctl` or an operator touches here. Columns
 * that lead to tables outside this part (load balancers, NAT, QoS, mirrors) are left out: clients of OVN expect to meet
 * servers with fewer columns than they know.
 */
export const northboundSchema: DatabaseSchema = {
  name: 'OVN_Northbound',
  version: '7.0.0',
  tables: {
    NB_Global: {
      isRoot: true,
      maxRows: 1,
      columns: {
        name: one('string'),
        nb_cfg: one('integer'),
        nb_cfg_timestamp: one('integer'),
        sb_cfg: one('integer'),
        sb_cfg_timestamp: one('integer'),
        hv_cfg: one('integer'),
        hv_cfg_timestamp: one('integer'),
        external_ids: map(),
        connections: references('Connection'),
        options: map(),
        ipsec: one('boolean'),
      },
    },
    Connection: {
      isRoot: false,
      indexes: [['target']],
      columns: {
        target: one('string'),
        max_backoff: optional('integer', { minInteger: 1000 }),
        inactivity_probe: optional('integer'),
        other_config: map(),
        external_ids: map(),
        is_connected: one('boolean'),
        status: map(),
      },
    },
    Logical_Switch: {
      isRoot: true,
      columns: {
        name: one('string'),
        ports: references('Logical_Switch_Port'),
        acls: references('ACL'),
        other_config: map(),
        external_ids: map(),
      },
    },
    Logical_Switch_Port: {
      isRoot: false,
      indexes: [['name']],
      columns: {
        name: one('string'),
        type: one('string'),
        options: map(),
        parent_name: optional('string'),
        tag_request: optional('integer', { minInteger: 0, maxInteger: 4095 }),
        tag: optional('integer', { minInteger: 1, maxInteger: 4095 }),
        addresses: many('string'),
        dynamic_addresses: optional('string'),
        port_security: many('string'),
        up: optional('boolean'),
        enabled: optional('boolean'),
        dhcpv4_options: reference('DHCP_Options', 'weak'),
        dhcpv6_options: reference('DHCP_Options', 'weak'),
        external_ids: map(),
      },
    },
    Address_Set: {
      isRoot: true,
      indexes: [['name']],
      columns: { name: one('string'), addresses: many('string'), external_ids: map() },
    },
    Port_Group: {
      isRoot: true,
      indexes: [['name']],
      columns: {
        name: one('string'),
        ports: references('Logical_Switch_Port', 'weak'),
        acls: references('ACL'),
        external_ids: map(),
      },
    },
    ACL: {
      isRoot: false,
      columns: {
        name: optional('string', { maxLength: 63 }),
        priority: one('integer', { minInteger: 0, maxInteger: 32767 }),
        direction: one('string', { enum: ['set', ['from-lport', 'to-lport']] }),
        match: one('string'),
        action: one('string', { enum: ['set', ['allow', 'allow-related', 'allow-stateless', 'drop', 'reject']] }),
        log: one('boolean'),
        severity: optional('string', { enum: ['set', ['alert', 'warning', 'notice', 'info', 'debug']] }),
        meter: optional('string'),
        label: one('integer', { minInteger: 0, maxInteger: 4294967295 }),
        options: map(),
        external_ids: map(),
      },
    },
    DHCP_Options: {
      isRoot: true,
      columns: { cidr: one('string'), options: map(), external_ids: map() },
    },
    Logical_Router: {
      isRoot: true,
      columns: {
        name: one('string'),
        ports: references('Logical_Router_Port'),
        static_routes: references('Logical_Router_Static_Route'),
        enabled: optional('boolean'),
        options: map(),
        external_ids: map(),
      },
    },
    Logical_Router_Port: {
      isRoot: false,
      indexes: [['name']],
      columns: {
        name: one('string'),
        options: map(),
        networks: { ...many('string'), min: 1 },
        mac: one('string'),
        peer: optional('string'),
        enabled: optional('boolean'),
        ipv6_ra_configs: map(),
        ipv6_prefix: many('string'),
        external_ids: map(),
      },
    },
    Logical_Router_Static_Route: {
      isRoot: false,
      columns: {
        route_table: one('string'),
        ip_prefix: one('string'),
        policy: optional('string', { enum: ['set', ['src-ip', 'dst-ip']] }),
        nexthop: one('string'),
        output_port: optional('string'),
        options: map(),
        external_ids: map(),
      },
    },
  },
};

/** The database in which every ovsdb-server tells about its databases. */
export const serverSchema: DatabaseSchema = {
  name: '_Server',
  version: '1.2.0',
  tables: {
    Database: {
      isRoot: true,
      columns: {
        name: one('string'),
        model: one('string', { enum: ['set', ['standalone', 'clustered', 'relay']] }),
        schema: optional('string'),
        connected: one('boolean'),
        leader: one('boolean'),
        cid: optional('uuid'),
        sid: optional('uuid'),
        index: optional('integer'),
      },
    },
  },
};
